"""What has to be installed to run the code: the distributions that it imports, in the versions that were recorded.

In: the code, and the environment as it was. Out: the text of a requirements.txt that pip can read whatever was
installed: what no index has is named in remarks. The modules' owners were not recorded, so they are told by their
names, and by a table where the names are others.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator

from gofigr_jupyter.proof.plain_python import PUBLISHERS
from gofigr_jupyter.proof.recorded import Code, Recorded
from gofigr_jupyter.proof.recorded import plain_name as plain
from gofigr_jupyter.proof.script import imports
from gofigr_jupyter.records import Environment, Package

# Modules whose distribution has another name.
OWNERS = {
    "bs4": "beautifulsoup4",
    "cartopy": "cartopy",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "fitz": "pymupdf",
    "geopandas": "geopandas",
    "google": "google",
    "igraph": "igraph",
    "mpl_toolkits": "matplotlib",
    "OpenSSL": "pyopenssl",
    "osgeo": "gdal",
    "PIL": "pillow",
    "pkg_resources": "setuptools",
    "pylab": "matplotlib",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "umap": "umap-learn",
    "yaml": "pyyaml",
    "Bio": "biopython",
    "tables": "tables",
    "docx": "python-docx",
    "pptx": "python-pptx",
    "vl_convert": "vl-convert-python",
    "zmq": "pyzmq",
}
# What code uses without importing it: by what stands in it, the first of these that was installed.
SILENT: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"\.plot(\.|\()|\.hist\(|\.boxplot\(", ("matplotlib",)),
    (r"\b(read|to)_(parquet|feather|orc)\b", ("pyarrow", "fastparquet")),
    (r"\bread_excel\(.*\.xls\b", ("xlrd",)),
    (r"\b(read|to)_excel\b", ("openpyxl",)),
    (r"\b(read_hdf|to_hdf|HDFStore)\b", ("tables",)),
    (r"\b(read_html|read_xml)\b", ("lxml",)),
    (r"\bopen_(mf)?dataset\b", ("netcdf4", "h5netcdf", "scipy")),
    (r"\bread_sql", ("sqlalchemy",)),
    (r"\bstatsmodels|lmplot|regplot", ("statsmodels",)),
    (r"\bclustermap\(|\.plot\.(kde|density)\(|\bkind\s*=\s*['\"](kde|density)", ("scipy",)),
    (r"\bplotly\.express\b|\bfrom plotly import express\b", ("numpy",)),
    (r"\btrendline\s*=", ("statsmodels",)),
    (r"\bFigureWidget\b", ("anywidget",)),
)
WIDELY = ("polars", "pandas")  # `.plot(` of anything else needs no matplotlib
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
# As PEP 440 writes the versions that indexes have; those of a developer's day (`.dev3`) are not among them.
_VERSION = re.compile(r"(?:\d+!)?\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?(?:\.post\d+)?")
_VCS = ("git+", "hg+", "svn+", "bzr+")
# Folders in which conda builds its packages, which their records go on naming.
_CONDA = re.compile(r"file:///(?:.*/)?(?:croot|feedstock_root|conda-bld|rattler-build_[^/]*|[^/]*-feedstock)/")


def needed(record: Recorded) -> tuple[list[Package], list[str]]:
    """The packages that the code imports, by name, and the modules of which nobody knows where they are from."""
    code, environment = record.code, record.environment
    if not isinstance(code, Code):
        return [], []
    known = {plain(one.name): one for one in environment.packages} if isinstance(environment, Environment) else {}
    found: dict[str, Package] = {}
    unknown = []
    for module in imports(code):
        if module in sys.stdlib_module_names or module in {"__main__", *PUBLISHERS}:
            continue
        package = next((known[name] for name in _names(module) if name in known), None)
        if package is not None:
            found[plain(package.name)] = package
        else:
            unknown.append(module)
    for package in _silent(code, known.keys() & {one for _, names in SILENT for one in names}, known):
        found.setdefault(plain(package.name), package)
    return [found[name] for name in sorted(found)], unknown


def text(record: Recorded) -> str:
    """A requirements.txt."""
    packages, unknown = needed(record)
    lines = [f"# {_python(record)}", *map(line, packages)]
    lines += [f"# {module}: it is not known which package this module is from" for module in unknown]
    return "\n".join(lines) + "\n"


def notes(record: Recorded) -> list[str]:
    """What has to be known before its packages are installed: the Python, and what pip will not bring."""
    packages, unknown = needed(record)
    told = [f"It was made with {_python(record)}"] if isinstance(record.environment, Environment) else []
    told += [f"{one[2:]}: pip does not install it" for one in map(line, packages) if one.startswith("#")]
    return told + [f"{module}: it is not known which package this module is from" for module in unknown]


def line(package: Package) -> str:
    """One package, pinned; a remark where no index has it. Always one line that pip understands."""
    origin, name, version = (_one_line(told or "") for told in (package.origin, package.name, package.version))
    called = f"{name} {version}".strip()
    if not _NAME.fullmatch(name):
        return f"# {called}: this is no name of a package"
    if package.is_editable:
        return f"# {called} was installed editable from {origin or 'a folder'}"
    if origin.startswith((*_VCS, "http://", "https://")) and " " not in origin:
        return f"{name} @ {origin.removesuffix('@')}"
    if origin and not _CONDA.match(origin):
        return f"# {called} was installed from {origin}"
    return _pinned(name, version) + ("  # conda's build was installed" if origin else "")


def _pinned(name: str, version: str) -> str:
    """By its public version: of `2.4.0+cu121` an index has 2.4.0; builds of a day are mostly gone the day after."""
    public, _, build = version.partition("+")
    if not _VERSION.fullmatch(public):
        return f"{name}  # {version} was installed" if version else name
    return f"{name}=={public}  # {version} was installed" if build else f"{name}=={public}"


def _python(record: Recorded) -> str:
    environment = record.environment
    if not isinstance(environment, Environment):
        return _one_line(environment.reason)
    return _one_line(f"{environment.implementation} {environment.python}, {environment.platform}".rstrip(", "))


def _names(module: str) -> Iterator[str]:
    if module in OWNERS:
        yield plain(OWNERS[module])
    yield plain(module)
    yield f"python-{plain(module)}"
    yield f"py{plain(module)}"


def _silent(code: Code, candidates: Iterable[str], known: dict[str, Package]) -> Iterator[Package]:
    text, there = code.text, set(candidates)
    uses_frames = bool(re.search(rf"\b({'|'.join(WIDELY)}|seaborn|geopandas|xarray)\b", text))
    for pattern, names in SILENT:
        if names == ("matplotlib",) and not uses_frames:
            continue
        if re.search(pattern, text):
            name = next((one for one in names if one in there), None)
            if name is not None:
                yield known[name]


def _one_line(told: str) -> str:
    return " ".join(told.split())[:500]
