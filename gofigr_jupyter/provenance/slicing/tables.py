"""What the slicer knows of Python's and the common libraries' operations by their names. Data only."""

from __future__ import annotations

import re

from gofigr_jupyter.provenance.slicing.kinds import FIGURE_LIBRARIES


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# ---------------------------------------------------------------- libraries

# Their functions change none of the data they are given, and no state of theirs unless the name says so.
PURE_LIBRARIES = _set("""
    numpy pandas scipy matplotlib seaborn plotly altair bokeh plotnine holoviews hvplot sklearn statsmodels networkx
    polars pyarrow duckdb xarray PIL skimage cv2 sympy math statistics itertools functools operator collections re
    json csv datetime time calendar pathlib os io string textwrap fractions decimal copy typing dataclasses enum abc
    contextlib warnings logging pprint IPython ipywidgets tqdm requests urllib glob shutil tempfile sys builtins
    random heapq bisect pickle gzip zipfile hashlib uuid platform inspect numbers cmath array struct joblib patsy
    matplotlib_inline pylab lifelines geopandas shapely mpl_toolkits squarify wordcloud umap numba dateutil pytz
    zoneinfo""")
# What their functions return holds none of the data that they were given.
KEEPS_NOTHING = FIGURE_LIBRARIES | _set("scipy math statistics re json datetime time")
# Importing them does nothing but bind the name.
QUIET_IMPORTS = (PURE_LIBRARIES - {"hvplot"}) | _set(
    "gofigr_jupyter torch tensorflow keras jax dask __future__ ast types traceback yaml bs4 attr pkg_resources"
)
# A call whose result nobody takes, by a name that says it sets something for all calls to come.
SETTER = re.compile(
    r"^(?:set|reset|register|enable|disable|config|use|init|seed|manual|rc$|rcdefaults|rc_file|filterwarnings|simplefilter"
    r"|update|option|extension|defaults$|patch|install|add|load_ext|xkcd|ion$|ioff$|unregister|notebook|output)"
)
# Setters that replace all that an earlier call of the same name has set.
REPLACES = _set("""
    seaborn.set_theme seaborn.set seaborn.set_style seaborn.set_context seaborn.set_palette
    plotnine.theme_set matplotlib.rcdefaults matplotlib.pyplot.rcdefaults matplotlib.pyplot.set_cmap""")
# They change the first of their arguments.
CHANGES_FIRST = _set("""
    random.shuffle numpy.random.shuffle numpy.fill_diagonal numpy.put numpy.copyto numpy.place numpy.putmask
    numpy.put_along_axis heapq.heappush heapq.heappop heapq.heapify heapq.heapreplace heapq.heappushpop
    cv2.rectangle cv2.line cv2.circle cv2.ellipse cv2.putText cv2.polylines cv2.fillPoly cv2.drawContours
    cv2.arrowedLine cv2.fillConvexPoly cv2.drawMarker
    bisect.insort bisect.insort_left bisect.insort_right builtins.setattr builtins.delattr builtins.next
    operator.setitem operator.delitem operator.iadd""")
# NumPy functions whose result shares memory with the argument.
VIEWS = _set("""
    asarray asanyarray ravel reshape atleast_1d atleast_2d atleast_3d squeeze transpose swapaxes broadcast_to
    broadcast_arrays array_split split hsplit vsplit expand_dims moveaxis rollaxis flip fliplr flipud rot90 diagonal
    ascontiguousarray nditer""")
# Where those of NumPy's functions that can write into an array expect it, if it is not named.
OUT_AT = {
    **dict.fromkeys(
        _set("""
            abs absolute fabs negative positive sign rint fix floor ceil trunc conj conjugate exp exp2 expm1 log log2
            log10 log1p sqrt square cbrt reciprocal sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh
            arctanh deg2rad rad2deg degrees radians invert bitwise_not logical_not isnan isfinite isinf"""),
        1,
    ),
    **dict.fromkeys(
        _set("""
            add subtract multiply divide true_divide floor_divide mod remainder fmod power float_power maximum minimum
            fmax fmin hypot arctan2 logaddexp bitwise_and bitwise_or bitwise_xor logical_and logical_or logical_xor
            left_shift right_shift greater greater_equal less less_equal equal not_equal copysign heaviside dot matmul
            round around"""),
        2,
    ),
    "clip": 3,
}
FRAME_MAKERS = re.compile(r"^pandas\.(?:read_|DataFrame|Series|concat|merge|Index|date_range|to_|cut|qcut|crosstab"
                          r"|pivot|melt|get_dummies|json_normalize|period_range|timedelta_range|MultiIndex|Categorical"
                          r"|Timestamp|Timedelta|isna|isnull|notna|notnull|unique|wide_to_long|merge_asof|factorize"
                          r"|interval_range|Interval|NaT|NA)")  # fmt: skip

# ---------------------------------------------------------------- chance

DRAWS_NOTHING = _set("default_rng Generator RandomState SeedSequence PCG64 MT19937 Philox SFC64 get_state Random")
SEEDS = _set("seed set_state setstate")
# Draw from NumPy's shared generator unless told otherwise.
DRAW = _set("""
    sample rvs train_test_split shuffle resample permutation_importance cross_val_predict make_blobs make_moons
    make_circles make_classification make_regression make_swiss_roll make_s_curve make_friedman1 stripplot
    randomized_svd k_means spectral_clustering bootstrap permutation_test spring_layout random_layout
    differential_evolution dual_annealing basinhopping""")
CHANCY_CLASSES = re.compile(
    r"(?:Forest|Boosting|MLP|KMeans|TSNE|SGD|Shuffle|Mixture|NMF|LatentDirichlet|Perceptron|ExtraTree|Bagging|AdaBoost"
    r"|DecisionTree|SpectralClustering|Randomized|RandomProjection|Nystroem|RBFSampler|UMAP|Boost|LGBM|IterativeImputer)"
)

# Graphs and layouts of networkx.
CHANCY_GRAPHS = re.compile(
    r"random|erdos|gn[mpcr]_|fast_gnp|barabasi|watts|powerlaw|stochastic|configuration_model|LFR|geometric|waxman"
    r"|caveman|planted|louvain|edge_swap|spring_layout"
)
PYLABS = _set("pylab matplotlib.pylab")
PYPLOTS = PYLABS | {"matplotlib.pyplot"}
# What a star import of pylab takes from numpy.random.
OF_CHANCE = _set("""
    seed rand randn randint random_sample normal uniform standard_normal permutation shuffle choice exponential poisson
    binomial""")

# ---------------------------------------------------------------- methods

# Of tables and columns: all others leave them as they are, unless called with inplace=True.
CHANGES_FRAME = _set(
    "get_chunk insert pop update popitem clear __setitem__ setitem put sort set_flags append_inplace itemset"
)
# Of arrays.
CHANGES_ARRAY = _set("sort fill put resize partition itemset setflags setfield byteswap __setitem__ __iadd__")
VIEW_METHODS = _set(
    "reshape ravel view squeeze transpose swapaxes diagonal flatten_view values to_numpy T real imag flat"
)
CHANGES_CONTAINER = _set("""
    append extend insert remove pop clear sort reverse update setdefault popitem add discard appendleft popleft
    extendleft rotate subtract move_to_end difference_update intersection_update symmetric_difference_update
    __setitem__ __delitem__ setitem""")
GIVES_ELEMENT = _set("pop get popleft popitem setdefault")
# Of things whose kind nobody knows: these names promise to change nothing.
HARMLESS = re.compile(
    r"^(?:get|is|has|to|as|can|find|count|index|copy|predict|transform|inverse_transform|decision|score|head|tail"
    r"|is(?:alnum|alpha|ascii|decimal|digit|lower|numeric|space|title|upper)|rfind|rindex|rsplit|rpartition|splitlines"
    r"|zfill|ljust|rjust|casefold|capitalize|swapcase|removeprefix|removesuffix|expandtabs"
    r"|describe|info|mean|median|std|var|sum|min|max|abs|round|quantile|corr|cov|join|split|strip|lstrip|rstrip"
    r"|replace|lower|upper|title|format|encode|decode|startswith|endswith|items|keys|values|most_common|elements"
    r"|groupby|query|filter|sort_values|dropna|fillna|astype|apply|map|agg|pivot|melt|merge|reset_index|rename"
    r"|savefig|save|write|show|display|dot|T|tolist|item|isoformat|strftime|timestamp|date|time|total_seconds"
    r"|exists|glob|rglob|iterdir|resolve|absolute|relative|with_|joinpath|stat|open|read|match|search|fullmatch"
    r"|sub|group|span|summary|params|pvalues|conf_int|pdf|cdf|ppf|logpdf|sf|interval|kneighbors|select|sel|isel"
    r"|mark|encode|properties|interactive|configure|repeat|facet|resolve|print|report|evaluate|integrate|subs|evalf"
    r"|nodes|edges|neighbors|degree|__len__|__repr__|__str__)(?![a-z])|^(?:to|get|is|has|mark|transform|configure)_"
)
# Of figures and what is in them.
KEEPS_FIGURE = re.compile(
    r"^(?:get_(?!xaxis|yaxis)|is_|has_|savefig$|show$|to_|write_|contains|tight_bbox|flatten$|ravel$|flat$|reshape$"
    r"|tolist$|copy$|squeeze$|full_figure|__len__$|keys$|items$|values$)"
)
# Attributes that are plain values.
PLAIN_ATTRIBUTES = _set("""
    shape size ndim dtype dtypes columns index name names empty nbytes itemsize __name__ __doc__ __class__ __version__
    is_unique is_monotonic_increasing""")
ACCESSORS = _set("loc iloc at iat")
FRAME_ATTRIBUTES = _set("str dt cat plot sparse style attrs flags hist boxplot")
WHOLE_ATTRIBUTES = _set("values T array")

# ---------------------------------------------------------------- builtins

PURE_BUILTINS = _set("""
    len sum abs round str int float complex bool bytes repr ascii type isinstance issubclass callable hash id ord chr
    hex oct bin format pow divmod range slice print any all help dir hasattr object memoryview""")
COLLECTS = _set("list tuple set dict frozenset sorted bytearray")
ITERATES = _set("zip enumerate map filter reversed iter")
OPAQUE_BUILTINS = _set("exec eval compile globals locals vars __import__")

# Libraries that look for names in the texts that they are given.
READS_NAMES = _set("statsmodels patsy duckdb numexpr pandasql linearmodels pingouin")

# ---------------------------------------------------------------- files

WRITES_FILE = re.compile(
    r"^(?:to_(?:csv|parquet|pickle|excel|json|hdf|feather|stata|sql|netcdf|zarr|file|orc|xml|html|markdown|latex)"
    r"|savetxt|save|savez|savez_compressed|savemat|dump|write_text|write_bytes|write_parquet|write_csv|write_table"
    r"|imwrite|imsave|copy|copyfile|copy2|move|urlretrieve|tofile|ExcelWriter|HDFStore)$"
)
READS_FILE = re.compile(
    r"^(?:read|load|open|imread|genfromtxt|fromfile|loadtxt|loadmat|memmap|scan_|glob|rglob|iterdir|listdir|exists"
    r"|is_file|File$|connect$|ExcelFile|walk$|stat$|run_path|Image$|SVG$|Video$)"
)
# What they give is used up by reading.
STREAMS = _set("""
    builtins.open io.open io.StringIO io.BytesIO gzip.open bz2.open lzma.open codecs.open os.fdopen csv.reader
    csv.DictReader""")
# Whatever files these write, it is not the one that they name first.
MOVES_FILES = ("subprocess.", "shutil.", "os.system", "os.popen", "os.rename", "os.replace", "os.link", "os.symlink")
WRITES_PICTURE = _set("savefig write_image write_html imsave")
ON_STREAMS = _set("read readline readlines write writelines readinto reader writer")
STREAM_LIBRARIES = ("json.", "pickle.", "yaml.", "toml.", "tomllib.", "csv.", "dill.", "cloudpickle.")
MAKES_FOLDER = _set("mkdir makedirs")

# ---------------------------------------------------------------- drawing

# Drawing functions that give numbers back before what they have drawn.
GIVES_NUMBERS = {"hist": 2, "hist2d": 3, "psd": 2, "csd": 2, "cohere": 2, "xcorr": 2, "acorr": 2}
NEW_FIGURE = _set("subplots subplot_mosaic")
PYPLOT_ONLY_ASKS = _set("""
    get_cmap getp get_fignums get_figlabels imread savefig cm style rcParams rc_context colormaps get_backend
    isinteractive fignum_exists get_plot_commands get_scale_names pause switch_backend""")
PYPLOT_SETS = _set(
    "rc rcdefaults rc_file set_cmap xkcd ion ioff set_loglevel viridis plasma inferno magma gray jet hot"
)
SEABORN_GRIDS = _set("""
    relplot catplot displot lmplot pairplot jointplot clustermap FacetGrid PairGrid JointGrid""")
SEABORN_DRAWS = re.compile(r"(?:plot|heatmap|regplot|residplot)$")
# By its name, a function of whatever library draws, on the current figure or on one of its own.
DRAWING = re.compile(
    r"^(?:draw|plot)(?:_|$)|(?:_plot|plot|dendrogram|specshow|heatmap|scatter_matrix|_curves|from_predictions"
    r"|from_estimator)$|^venn\d"
)
NEVER_DRAWS = _set("plotly altair bokeh plotnine holoviews builtins IPython numpy pandas matplotlib polars hvplot")
FRAME_DRAWS = _set("plot hist boxplot")
PLOT_KINDS = _set("line bar barh hist box kde density area pie scatter hexbin")
# What a star import of pyplot brings, as far as people use it.
OF_PYPLOT = _set("""
    acorr annotate arrow axes axhline axhspan axis axline axvline axvspan bar bar_label barbs barh box boxplot
    broken_barh cla clabel clf clim close colorbar contour contourf delaxes draw ecdf errorbar eventplot figimage
    figlegend fignum_exists figtext figure fill fill_between fill_betweenx gca gcf gci grid hexbin hist hist2d
    hlines imshow ioff ion legend locator_params loglog margins matshow minorticks_off minorticks_on pcolor
    pcolormesh pie plot plot_date polar quiver quiverkey rc rcParams rcdefaults savefig sca scatter sci semilogx
    semilogy set_cmap setp show specgram spy stackplot stairs stem step streamplot style subplot subplot2grid
    subplot_mosaic subplot_tool subplots subplots_adjust suptitle table text thetagrids tick_params ticklabel_format
    tight_layout title tricontour tricontourf tripcolor triplot twinx twiny violinplot vlines xcorr xkcd xlabel xlim
    xscale xticks ylabel ylim yscale yticks""")
# Arguments of plotly express and seaborn in which names stand for no columns.
NAMES_NO_COLUMN = _set("""
    data data_frame ax axes palette color_discrete_map color_discrete_sequence color_continuous_scale
    category_orders title labels template height width bins nbins alpha opacity linewidth linewidths s kde order
    hue_order row_order col_order range_x range_y range_color log_x log_y aspect legend cmap cbar marker edgecolor
    facecolor zorder label sizes markers stat binwidth binrange errorbar ci estimator kind figsize orient dodge
    saturation fill multiple element common_norm inner cut gap color_continuous_midpoint trendline marginal
    marginal_x marginal_y line_shape barmode histnorm histfunc size_max points notched facet_col_wrap col_wrap
    symbol_map symbol_sequence line_dash_map line_dash_sequence hole hue_norm size_norm norm levels thresh bw_adjust
    fliersize fmt annot linestyle linestyles clip_on rasterized""")
