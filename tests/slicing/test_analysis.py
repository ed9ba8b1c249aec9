"""Small sessions, one hard point each: the marked statements are the slice, no more and no less."""

from __future__ import annotations

import re

import pytest

from tests.slicing.books import is_marked, last_figure, parsed, traced

CASES = """
=== a view of an array changes it
# %%
import numpy as np  # needed
import matplotlib.pyplot as plt  # needed
a = np.arange(9.0)  # needed
m = a.reshape(3, 3)  # needed
t = m.T  # needed
c = a.copy()
# %%
t[0] = 7  # needed
c[0] = 8
# %%
plt.plot(a)  # needed
=== columns do not depend on one another
# %%
import pandas as pd  # needed
import matplotlib.pyplot as plt  # needed
df = pd.DataFrame({"a": [1, 2], "b": [3, 4]})  # needed
df["c"] = df.a + 1  # needed
df["d"] = df.b + 1
df["e"] = df["c"] * 2  # needed
del df["d"]  # needed
# %%
plt.plot(df["e"])  # needed
=== a column taken out changes with the table
# %%
import pandas as pd  # needed
import matplotlib.pyplot as plt  # needed
df = pd.DataFrame({"a": [1, 2], "b": [3, 4]})  # needed
s = df["a"]  # needed
# %%
df.loc[0, "a"] = 9  # needed
df.loc[0, "b"] = 8
df["z"] = 3
# %%
plt.plot(s)  # needed
=== a changed element of a list of lists
# %%
import matplotlib.pyplot as plt  # needed
inner = [1, 2]  # needed
outer = [inner, [3]]  # needed
other = [[5]]
# %%
inner.append(4)  # needed
outer[1].append(6)  # needed
other[0].append(7)
# %%
for row in outer:  # needed
    plt.plot(row)
=== an argument that the function changes
# %%
import matplotlib.pyplot as plt  # needed
def fill(target, n):  # needed
    for k in range(n):
        target.append(k)
def look(target):
    return len(target)
a, b = [], []  # needed
# %%
fill(b, 4)
fill(a, 3)  # needed
look(a)
# %%
plt.plot(a)  # needed
=== a default argument keeps what was put into it
# %%
import matplotlib.pyplot as plt  # needed
def note(x, seen=[]):  # needed
    seen.append(x)
    return list(seen)
# %%
note(1)  # needed
note(5)  # needed
# %%
plt.plot(note(2))  # needed
=== a function that calls a function defined later
# %%
import matplotlib.pyplot as plt  # needed
def outer(n):  # needed
    return [helper(k) for k in range(n)]
# %%
def helper(k):
    return k
# %%
def helper(k):  # needed
    return k * k + bias
bias = 3  # needed
# %%
plt.plot(outer(5))  # needed
bias = 4
=== a branch that may not run keeps what was there
# %%
import matplotlib.pyplot as plt  # needed
flag = False  # needed
x = [1, 2, 3]  # needed
if flag:  # needed
    x = [4]
y = 1
if flag:
    y = 2
else:
    y = 3
# %%
plt.plot(x)  # needed
=== both branches replace
# %%
import matplotlib.pyplot as plt  # needed
flag = True  # needed
x = [9]
if flag:  # needed
    x = [4]
else:
    x = [5]
# %%
plt.plot(x)  # needed
=== a name deleted and made again
# %%
import matplotlib.pyplot as plt  # needed
x = [1]
x.append(2)
del x
x = [3]  # needed
# %%
plt.plot(x)  # needed
=== an imported module is told something
# %%
import matplotlib as mpl  # needed
import matplotlib.pyplot as plt  # needed
import numpy as np  # needed
np.set_printoptions(precision=2)
mpl.rcParams["axes.grid"] = False
mpl.rcParams["axes.grid"] = True  # needed
# %%
x = np.arange(3)  # needed
# %%
with plt.style.context("ggplot"):  # needed
    plt.plot(x)
=== methods of a library's object change it
# %%
import matplotlib.pyplot as plt  # needed
from somewhere import Model, prepare  # needed
model = Model()  # needed
other = Model()
data = prepare(3)  # needed
# %%
model.train(data)  # needed
other.train(data)
model.get_weights()
# %%
plt.plot(model.predict(data))  # needed
=== a function of an unknown library called for what it does
# %%
import matplotlib.pyplot as plt  # needed
import somewhere  # needed
values = [1, 2]  # needed
others = [3]
# %%
somewhere.mangle(values)  # needed
somewhere.mangle(others)
# %%
plt.plot(values)  # needed
=== an import for its side effects
# %%
import matplotlib.pyplot as plt  # needed
import fancystyles  # needed
import somewhere
somewhere.thing
# %%
plt.plot([1, 2])  # needed
=== a method stored in a variable
# %%
import matplotlib.pyplot as plt  # needed
rows = []  # needed
add = rows.append  # needed
# %%
add(4)  # needed
add(5)  # needed
# %%
plt.plot(rows)  # needed
=== attributes of an instance
# %%
import matplotlib.pyplot as plt  # needed
class Box:  # needed
    pass
box = Box()  # needed
box.left = [1]  # needed
box.right = [2]
# %%
box.left.append(3)  # needed
box.right.append(4)
# %%
plt.plot(box.left)  # needed
=== a class attribute shared by its instances
# %%
import matplotlib.pyplot as plt  # needed
class Log:  # needed
    lines = []
    def put(self, x):
        self.lines.append(x)
a = Log()  # needed
b = Log()  # needed
# %%
a.put(1)  # needed
b.put(2)  # needed
# %%
plt.plot(a.lines)  # needed
=== a patched method
# %%
import matplotlib.pyplot as plt  # needed
class Maker:  # needed
    def make(self):
        return [1]
def better(self):  # needed
    return [1, 2, top]
top = 5  # needed
# %%
Maker.make = better  # needed
# %%
plt.plot(Maker().make())  # needed
=== operators of a class
# %%
import matplotlib.pyplot as plt  # needed
class Vector:  # needed
    def __init__(self, x):
        self.x = x
    def __add__(self, other):
        return Vector(self.x + other.x + shift)
shift = 2  # needed
# %%
total = Vector(1) + Vector(2)  # needed
# %%
plt.plot([0, total.x])  # needed
=== a seed in between
# %%
import numpy as np  # needed
import matplotlib.pyplot as plt  # needed
a = np.random.rand(3)
np.random.seed(1)  # needed
b = np.random.rand(3)  # needed
# %%
c = np.random.rand(3)  # needed
d = np.random.rand(3)
# %%
plt.plot(c)  # needed
=== no seed at all
# %%
import numpy as np  # needed
import matplotlib.pyplot as plt  # needed
a = np.random.rand(3)
# %%
c = np.random.rand(3)  # needed
# %%
plt.plot(c)  # needed
=== the current figure of an earlier line
# %%
import matplotlib.pyplot as plt  # needed
x = [1, 3, 2]  # needed
# %%
plt.figure(figsize=(9, 9))
plt.figure(figsize=(3, 3))  # needed
plt.plot(x)  # needed
plt.title("a")  # needed
plt.show()  # needed
=== figures side by side
# %%
import matplotlib.pyplot as plt  # needed
x = [1, 3, 2]  # needed
# %%
a = plt.figure()
b = plt.figure()  # needed
plt.figure(a.number)
plt.plot([5])
plt.figure(b)  # needed
plt.plot(x)  # needed
a.suptitle("left")
b.suptitle("right")  # needed
plt.close(a)
plt.show()  # needed
=== zip of axes and data
# %%
import matplotlib.pyplot as plt  # needed
rows = {"a": [1], "b": [2]}  # needed
fig, axes = plt.subplots(1, 2)
for ax, (name, row) in zip(axes, rows.items()):
    ax.plot(row)
    ax.set_title(name)
# %%
fig, axes = plt.subplots(1, 2)  # needed
for ax, (name, row) in zip(axes, rows.items()):  # needed
    ax.plot(row)
=== names in a query
# %%
import pandas as pd  # needed
import matplotlib.pyplot as plt  # needed
df = pd.DataFrame({"a": range(9)})  # needed
low = 3  # needed
high = 6
# %%
part = df.query("a > @low")  # needed
# %%
plt.plot(part)  # needed
=== in place on request
# %%
import pandas as pd  # needed
import matplotlib.pyplot as plt
df = pd.DataFrame({"a": [3, 1, None]})  # needed
df.sort_values("a")
df.dropna(inplace=True)  # needed
df.sort_values("a", inplace=False)
df.reset_index(drop=True, inplace=True)  # needed
df = df.assign(b=1)  # needed
# %%
df.plot()  # needed
=== a walrus and a lambda
# %%
import matplotlib.pyplot as plt  # needed
if (n := 4) > 3:  # needed
    pass
f = lambda k: k + n  # needed
g = lambda k: k - n
# %%
plt.plot(list(map(f, range(3))))  # needed
=== a partial and a cached function
# %%
import functools  # needed
import matplotlib.pyplot as plt  # needed
def power(x, p):  # needed
    return gain * x ** p
square = functools.partial(power, p=2)  # needed
gain = 3  # needed
@functools.cache  # needed
def slow(x):
    return x + offset
offset = 1  # needed
# %%
plt.plot([square(k) + slow(k) for k in range(4)])  # needed
=== constants in a string
# %%
import matplotlib.pyplot as plt  # needed
name = "x"  # needed
other = "y"
title = f"{name} over time"  # needed
# %%
plt.plot([1])  # needed
plt.title(title.upper())  # needed
=== exec may do anything
# %%
import matplotlib.pyplot as plt  # needed
a = 1  # needed
code = "b = " + str(a)  # needed
exec(code)  # needed
# %%
plt.plot([b])  # needed
=== exec of a known text
# %%
import matplotlib.pyplot as plt  # needed
a = 1  # needed
z = 2
exec("b = [a, 5]")  # needed
# %%
plt.plot(b)  # needed
=== names through globals
# %%
import matplotlib.pyplot as plt  # needed
globals()["x"] = [1, 2]  # needed
# %%
plt.plot(x)  # needed
=== a generator that is half used
# %%
import matplotlib.pyplot as plt  # needed
def count():  # needed
    n = 0
    while True:
        yield n
        n += 1
it = count()  # needed
jt = count()
# %%
next(it)  # needed
next(jt)
# %%
plt.plot([next(it) for _ in range(3)])  # needed
=== a loop whose turns feed one another
# %%
import matplotlib.pyplot as plt  # needed
a = [1]  # needed
b = [2]  # needed
c = [3]  # needed
for _ in range(3):  # needed
    c = b
    b = a
    a = a + [1]
# %%
plt.plot(c)  # needed
=== a caught exception
# %%
import matplotlib.pyplot as plt  # needed
try:  # needed
    import notthere
    x = [1]
except ImportError as error:
    x = [2]
try:
    y = 1
finally:
    z = 2
# %%
plt.plot(x)  # needed
=== a match statement
# %%
import matplotlib.pyplot as plt  # needed
kind = ("line", 3)  # needed
match kind:  # needed
    case ("line", n):
        ys = list(range(n))
    case _:
        ys = []
# %%
plt.plot(ys)  # needed
=== a nonlocal counter
# %%
import matplotlib.pyplot as plt  # needed
def counter():  # needed
    n = 0
    def tick():
        nonlocal n
        n += 1
        return n
    return tick
tick = counter()  # needed
tock = counter()
# %%
ys = [tick() for _ in range(4)]  # needed
tock()
# %%
plt.plot(ys)  # needed
=== a context manager of the user's own
# %%
import matplotlib.pyplot as plt  # needed
from contextlib import contextmanager  # needed
log = []  # needed
@contextmanager  # needed
def noted(x):
    log.append(x)
    yield x
    log.append(-x)
# %%
with noted(3) as x:  # needed
    pass
with open("somefile", "w") as f:
    f.write("x")
# %%
plt.plot(log)  # needed
=== an array written through out
# %%
import numpy as np  # needed
import matplotlib.pyplot as plt  # needed
a = np.arange(4.0)  # needed
b = np.zeros(4)  # needed
c = np.zeros(4)
# %%
np.multiply(a, 2, out=b)  # needed
np.add(a, 1, out=c)
# %%
plt.plot(b)  # needed
=== saved and loaded arrays
# %%
import numpy as np  # needed
import pathlib  # needed
import matplotlib.pyplot as plt  # needed
folder = pathlib.Path("kept")  # needed
folder.mkdir(exist_ok=True)  # needed
np.save(folder / "a.npy", np.arange(3))  # needed
# %%
a = np.load(folder / "a.npy")  # needed
# %%
plt.plot(a)  # needed
plt.savefig(folder / "a.png")
=== a timed line and a shell command
# %%
import matplotlib.pyplot as plt  # needed
!pip install nothing
# %%
%time x = [1, 2]  # needed
%timeit x
files = !echo 3  # needed
# %%
plt.plot(x)  # needed
plt.title(files[0])  # needed
=== the environment and the path of modules
# %%
import os, sys  # needed
sys.path.insert(0, "lib")  # needed
# %%
import somewhere  # needed
import matplotlib.pyplot as plt  # needed
# %%
plt.plot(somewhere.values())  # needed
=== a table indexed by another
# %%
import pandas as pd  # needed
import matplotlib.pyplot as plt  # needed
a = pd.DataFrame({"k": [1, 2], "v": [5, 6]})  # needed
b = pd.Series([True, False])  # needed
c = pd.Series([0])
# %%
a.loc[b, "v"] = 0  # needed
c[0] = 5
# %%
plt.plot(a.v)  # needed
=== plotly's figure is changed by its methods
# %%
import plotly.graph_objects as go  # needed
import plotly.io as pio  # needed
pio.templates.default = "plotly_dark"  # needed
fig = go.Figure()  # needed
other = go.Figure()
# %%
fig.add_scatter(y=[1])  # needed
other.add_scatter(y=[2])
fig.to_json()
# %%
fig.update_layout(title="x")  # needed
=== the same cell three times
# %%
import matplotlib.pyplot as plt  # needed
xs = []  # needed
# %%
xs.append(len(xs))  # needed
y = 1
# %%
xs.append(len(xs))  # needed
y = 1
# %%
xs.append(len(xs))  # needed
y = 1
# %%
plt.plot(xs)  # needed
=== sets, tuples and dictionaries by key
# %%
import matplotlib.pyplot as plt  # needed
pair = ([1], [2])  # needed
table = {"a": pair[0], "b": pair[1]}  # needed
# %%
table["b"].append(5)
table["a"].append(4)  # needed
table["c"] = 3
# %%
plt.plot(table["a"])  # needed
=== a helper draws on the current axes
# %%
import matplotlib.pyplot as plt  # needed
def mark(x):  # needed
    plt.axvline(x, color=COLOUR)
COLOUR = "r"  # needed
# %%
plt.plot([1, 2])
mark(1)
# %%
plt.plot([3, 2])  # needed
mark(0.5)  # needed
plt.gca().set_title("t")  # needed
"""

PARTS = [part.split("\n", 1) for part in re.split(r"(?m)^=== ", CASES)[1:]]


@pytest.mark.parametrize(("name", "text"), PARTS, ids=[part[0].replace(" ", "-") for part in PARTS])
def test_the_slice_is_what_is_marked(name: str, text: str) -> None:
    book = parsed(name, text)
    trace = traced(book)
    kept = [trace.steps[n] for n in last_figure(trace).steps]
    marked = [step for step in trace.steps if is_marked(book, step)]
    assert [(s.cell.count, s.source) for s in kept] == [(s.cell.count, s.source) for s in marked]
