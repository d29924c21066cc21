"""Writes .nir files that are wrong, each under the id of what is wrong with it: ID~WHAT.nir.

    python nir_hostile.py FOLDER

needs h5py and numpy. The files are in Tests/Fixtures/nir/invalid; this script says how each came about.
"""
import pathlib
import sys

import h5py
import numpy as np

TEXT = h5py.string_dtype()


def put(group, name, value):
    if isinstance(value, dict):
        inner = group.create_group(name)
        for key, item in value.items():
            put(inner, key, item)
    elif isinstance(value, list):
        group.create_dataset(name, data=np.array(value, dtype=object), dtype=TEXT)
    elif isinstance(value, str):
        group.create_dataset(name, data=value, dtype=TEXT)
    else:
        large = np.size(value) > 1000
        group.create_dataset(name, data=value, compression="gzip" if large else None)


def lif(n, tau=0.02, **changes):
    values = {"type": "LIF", "tau": np.full(n, tau), "r": np.ones(n), "v_leak": np.zeros(n), "v_threshold": np.ones(n)}
    return values | changes


def linear(post, pre, **changes):
    return {"type": "Linear", "weight": np.full((post, pre), 0.5, "f4")} | changes


def graph(nodes, edges, n_in=2, n_out=2):
    ports = {
        "input": {"type": "Input", "shape": np.array([n_in])}, "output": {"type": "Output", "shape": np.array([n_out])}}
    # As Python writes an empty list.
    pairs = edges or np.array([])
    return {"type": "NIRGraph", "nodes": ports | nodes, "edges": pairs}


CHAIN = [("input", "w"), ("w", "n"), ("n", "output")]


def chain(**nodes):
    return graph({"w": linear(2, 2), "n": lif(2)} | nodes, CHAIN)


def nested(depth):
    inner = graph({"w": linear(2, 2)}, [("input", "w"), ("w", "output")])
    for _ in range(depth):
        inner = graph({"g": inner}, [("input", "g"), ("g", "output")])
    return inner


def without(group, *names):
    return {key: value for key, value in group.items() if key not in names}


GRAPHS = {
    "nir.missing~parameter": chain(n=without(lif(2), "tau")),
    "nir.missing~type": chain(n=without(lif(2), "type")),
    "nir.missing~edges": without(chain(), "edges"),
    "nir.missing~nodes": without(chain(), "nodes"),
    "nir.missing~weight": chain(w={"type": "Linear"}),
    "nir.type~parameter": chain(n=lif(2) | {"tau": "long"}),
    "nir.type~type": chain(n=lif(2, type=np.array(3.0))),
    "nir.type~node": without(lif(2)),
    "nir.edges~triples": chain() | {"edges": [("a", "b", "c")]},
    "nir.edges~numbers": chain() | {"edges": np.ones((2, 2))},
    "nir.edge.dangling~name": graph({"w": linear(2, 2), "n": lif(2)}, CHAIN + [("n", "nobody")]),
    "nir.graph.loop~linear": graph({"w": linear(2, 2), "n": lif(2), "u": linear(2, 2)}, CHAIN + [("w", "u"), ("u", "w")]),
    "nir.graph.loop~itself": graph({"w": linear(2, 2), "n": lif(2)}, CHAIN + [("w", "w")]),
    "nir.shape~columns": chain(w=linear(2, 3)),
    "nir.shape~rows": chain(w=linear(3, 2)),
    "nir.shape~rank": chain(w={"type": "Linear", "weight": np.ones((2, 2, 2))}),
    "nir.shape~bias": chain(w=linear(2, 2, type="Affine", bias=np.ones(3))),
    "nir.shape~parameter": chain(n=lif(2, r=np.ones(3))),
    "nir.shape~empty": chain(n=lif(0)),
    "nir.shape~huge-input": graph({"w": linear(2, 2), "n": lif(2)}, CHAIN, n_in=2**62),
    "nir.not-finite~weight": chain(w=linear(2, 2, weight=np.array([[1, np.nan], [0, 0]]))),
    "nir.not-finite~tau": chain(n=lif(2, tau=np.array([0.02, np.nan]))),
    "nir.not-finite~infinite": chain(n=lif(2, v_threshold=np.full(2, np.inf))),
    "nir.not-finite~zero-tau": chain(n=lif(2, tau=np.zeros(2))),
    "nir.depth~graphs": nested(17),
    "nir.node.unsupported~convolution": chain(w={"type": "Conv2d", "weight": np.ones((1, 1, 3, 3)), "padding": "same"}),
    "nir.node.unsupported~unknown": chain(n=lif(2, type="LIFF")),
    "nir.graph.ports~inputs": graph(
        {"w": linear(2, 2), "n": lif(2), "second": {"type": "Input", "shape": np.array([2])}}, CHAIN),
    "nir.graph.ports~none": graph({"w": linear(2, 2)}, []) | {"nodes": {"w": linear(2, 2)}},
    "nir.graph.output~nothing": graph({"w": linear(2, 2), "n": lif(2)}, CHAIN[:2]),
    "nir.graph.input-to-output~straight": graph({"w": linear(2, 2)}, [("input", "w"), ("w", "output")]),
    "nir.graph.integrator~inside": graph(
        {"w": linear(2, 2), "n": lif(2), "i": without(lif(2, type="LI"), "v_threshold")},
        [("input", "w"), ("w", "i"), ("i", "n"), ("n", "output")]),
    "nir.time-step~tau": chain(n=lif(2, tau=1e-5)),
    "nir.threshold~leak": chain(n=lif(2, v_leak=np.full(2, 3.0))),
    "nir.delay~long": graph(
        {"w": linear(2, 2), "n": lif(2), "d": {"type": "Delay", "delay": np.full(2, 0.005)}, "m": lif(2)},
        [("input", "w"), ("w", "n"), ("n", "d"), ("d", "m"), ("m", "output")]),
    "nir.name.duplicate~flat": graph(
        {"g": nested(0), "g.w": linear(2, 2)}, [("input", "g"), ("g", "g.w"), ("g.w", "output")]),
    "nir.limit~dense": graph({"n": lif(8192)}, [("input", "n"), ("n", "output")], n_in=8192, n_out=8192),
}


def obstacles(folder):
    """Files whose datasets are not what they seem."""
    def sound(name):
        file = h5py.File(folder / f"{name}.nir", "w")
        file.create_dataset("version", data="1.0", dtype=TEXT)
        put(file, "node", chain())
        return file, file["node/nodes/w"]

    def replaced(name, change):
        file, node = sound(name)
        del node["weight"]
        change(node)
        file.close()

    replaced("nir.unreadable~soft-link", lambda node: node.__setitem__("weight", h5py.SoftLink("/node/nodes/n/tau")))
    replaced("nir.unreadable~external-link", lambda node: node.__setitem__("weight", h5py.ExternalLink("x.h5", "/w")))
    replaced("nir.unreadable~compound", lambda node: node.create_dataset("weight", data=np.zeros(2, "i4,f4")))
    replaced("nir.unreadable~lzf", lambda node: node.create_dataset("weight", data=np.ones((2, 2)), compression="lzf"))
    replaced("nir.unreadable~rank", lambda node: node.create_dataset("weight", shape=(1,) * 9, dtype="f4"))
    replaced("nir.unreadable~empty", lambda node: node.create_dataset("weight", data=h5py.Empty("f4")))
    replaced("nir.unreadable~cycle", lambda node: node.__setitem__("weight", node))
    replaced(
        "nir.unreadable~external-data",
        lambda node: node.create_dataset("weight", (2, 2), "f4", external=[("/etc/passwd", 0, 16)]))
    layout = h5py.VirtualLayout((2, 2), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "w", (2, 2))
    replaced("nir.unreadable~virtual", lambda node: node.create_virtual_dataset("weight", layout))
    replaced(
        "hdf5.limit~values",
        lambda node: node.create_dataset("weight", (2**40, 2**20), "f4", chunks=(64, 64), compression="gzip"))
    replaced(
        "hdf5.limit~chunk",
        lambda node: node.create_dataset("weight", (2**13, 2**13), "f8", chunks=(2**13, 2**13), compression="gzip"))

    file, node = sound("hdf5.limit~depth")
    for _ in range(80):
        node = node.create_group("g")
    file.close()
    file, node = sound("hdf5.limit~name")
    node.create_group("n" * 3000)
    file.close()
    file, node = sound("nir.version~future")
    del file["version"]
    file.create_dataset("version", data="7.1", dtype=TEXT)
    file.close()
    file, node = sound("nir.missing~node")
    del file["node"]
    file.close()


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, nodes in GRAPHS.items():
        with h5py.File(folder / f"{name}.nir", "w") as file:
            file.create_dataset("version", data="1.0", dtype=TEXT)
            put(file, "node", nodes)
    obstacles(folder)
    whole = (folder / "nir.time-step~tau.nir").read_bytes()
    for share in (1, 4, 7):
        (folder / f"hdf5.damaged~cut-{share}.nir").write_bytes(whole[: len(whole) * share // 8])
    (folder / "hdf5.format~text.nir").write_text("{}\n")
    (folder / "hdf5.format~nothing.nir").write_bytes(b"")


main()
