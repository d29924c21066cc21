"""Writes .nir files by snnTorch and Norse, each with inputs and the spikes that its framework gives.

    python nir_fixtures.py FOLDER [--count N] [--seed S] [--margin M]

needs the packages torch, snntorch, norse, nir and safetensors. For every kind of network below and each of N seeds:
NAME.nir, and NAME.safetensors with `inputs` [T, n] and `spikes` [T, neurons], the neurons of all spiking layers in
their order, and the `outputs` of a readout; manifest.json says how each is to be imported. Nothing of ours is used here: the spikes are those of
snnTorch's and Norse's own modules, in 32-bit floats. A network whose potentials come closer to a threshold than M is
drawn again, because there rounding decides.
"""
import argparse
import json
import pathlib

import nir
import norse.torch as norse
import numpy as np
import snntorch as snn
import torch
from norse.torch.utils.export_nir import to_nir
from safetensors.numpy import save_file
from snntorch import export_nir

STEPS = 80


def ones(count):
    return torch.ones(count)


def linear(n_in, n_out, gain, bias=True):
    layer = torch.nn.Linear(n_in, n_out, bias=bias)
    with torch.no_grad():
        layer.weight *= gain
        # Some drive for all, so that every layer fires.
        layer.weight += gain / n_in / 2
    return layer


def leaky(n, beta, reset, threshold=1.0):
    return snn.Leaky(beta=beta * ones(n), threshold=threshold * ones(n), init_hidden=True, reset_mechanism=reset)


def synaptic(n, alpha, beta, reset):
    return snn.Synaptic(
        alpha=alpha * ones(n), beta=beta * ones(n), threshold=ones(n), init_hidden=True, reset_mechanism=reset)


def feed_forward(reset, bias=True):
    return [linear(6, 9, 2, bias), leaky(9, 0.9, reset), linear(9, 4, 2, bias), leaky(4, 0.75, reset, 0.8)]


def recurrent(reset):
    hidden = snn.RLeaky(beta=0.85, linear_features=9, init_hidden=True, reset_mechanism=reset)
    return [linear(6, 9, 2), hidden, linear(9, 4, 2), leaky(4, 0.8, reset)]


def recurrent_synaptic(reset):
    hidden = snn.RSynaptic(alpha=0.6, beta=0.8, linear_features=8, init_hidden=True, reset_mechanism=reset)
    return [linear(6, 8, 0.8), hidden, linear(8, 4, 0.8), synaptic(4, 0.5, 0.7, reset)]


def one_to_one(reset):
    hidden = snn.RLeaky(
        beta=0.85, V=0.3 * torch.randn(9), all_to_all=False, init_hidden=True, reset_mechanism=reset)
    return [linear(6, 9, 2), hidden, linear(9, 4, 2), leaky(4, 0.8, reset)]


def learned(reset):
    def cell(n):
        return snn.Leaky(
            beta=0.7 + 0.25 * torch.rand(n), threshold=0.7 + 0.5 * torch.rand(n), init_hidden=True,
            reset_mechanism=reset)

    return [linear(6, 9, 2), cell(9), linear(9, 4, 2), cell(4)]


def norse_box():
    first = norse.LIFBoxParameters(
        tau_mem_inv=200 * ones(9), v_leak=torch.zeros(9), v_th=0.4 * ones(9), v_reset=torch.zeros(9))
    second = norse.LIFBoxParameters(
        tau_mem_inv=125 * ones(4), v_leak=0.1 * ones(4), v_th=0.5 * ones(4), v_reset=torch.zeros(4))
    return [linear(6, 9, 3), norse.LIFBoxCell(first), linear(9, 4, 3), norse.LIFBoxCell(second)]


def norse_current():
    def cell(n, membrane, synapse):
        return norse.LIFCell(norse.LIFParameters(
            tau_syn_inv=synapse * ones(n), tau_mem_inv=membrane * ones(n), v_leak=torch.zeros(n), v_th=ones(n),
            v_reset=torch.zeros(n)))

    return [linear(6, 9, 2), cell(9, 100, 200), linear(9, 4, 2), cell(4, 150, 250)]


def norse_integrate():
    def cell(n, threshold):
        return norse.IAFCell(norse.IAFParameters(v_th=threshold * ones(n), v_reset=torch.zeros(n)))

    return [linear(6, 9, 1), cell(9, 1.3), linear(9, 4, 1), cell(4, 1.1)]


def norse_readout():
    p = norse.LIBoxParameters(tau_mem_inv=150 * ones(4), v_leak=torch.zeros(4))
    return norse_box()[:2] + [linear(9, 4, 3), norse.LIBoxCell(p)]


def between(low, high, count):
    return low + (high - low) * torch.rand(count)


def own_leaky(reset):
    def cell(n):
        # Where a decay was learnt to be negative snnTorch clamps it to 0.
        return snn.Leaky(
            beta=between(-0.05, 0.97, n), learn_beta=True, threshold=between(0.8, 1.3, n), init_hidden=True,
            reset_mechanism=reset)

    return [linear(6, 130, 2), cell(130), linear(130, 4, 2), cell(4)]


def own_recurrent(reset):
    hidden = snn.RLeaky(
        beta=between(0.5, 0.95, 66), learn_beta=True, linear_features=66, init_hidden=True, reset_mechanism=reset)
    return [linear(6, 66, 2), hidden, linear(66, 4, 2), leaky(4, 0.8, reset)]


def own_synaptic(reset):
    def cell(n):
        return snn.Synaptic(
            alpha=between(0.3, 0.8, n), beta=between(0.5, 0.95, n), learn_alpha=True, learn_beta=True, threshold=ones(n),
            init_hidden=True, reset_mechanism=reset)

    return [linear(6, 130, 0.7), cell(130), linear(130, 4, 0.7), cell(4)]


def norse_own():
    def cell(n):
        return norse.LIFCell(norse.LIFParameters(
            tau_syn_inv=between(150, 400, n), tau_mem_inv=between(60, 250, n), v_leak=torch.zeros(n), v_th=between(0.8, 1.2, n),
            v_reset=torch.zeros(n)))

    p = norse.LIBoxParameters(tau_mem_inv=between(50, 250, 4), v_leak=torch.zeros(4))
    return [linear(6, 70, 2), cell(70), linear(70, 4, 2), norse.LIBoxCell(p)]


KINDS = {
    "snntorch_leaky": ("snntorch", "subtract", lambda: feed_forward("subtract")),
    "snntorch_leaky_zero": ("snntorch", "zero", lambda: feed_forward("zero")),
    "snntorch_leaky_plain": ("snntorch", "subtract", lambda: feed_forward("subtract", bias=False)),
    "snntorch_recurrent": ("snntorch", "subtract", lambda: recurrent("subtract")),
    "snntorch_recurrent_zero": ("snntorch", "zero", lambda: recurrent("zero")),
    "snntorch_synaptic": ("snntorch", "subtract", lambda: recurrent_synaptic("subtract")),
    "snntorch_synaptic_zero": ("snntorch", "zero", lambda: recurrent_synaptic("zero")),
    "snntorch_one_to_one": ("snntorch", "subtract", lambda: one_to_one("subtract")),
    "snntorch_learned": ("snntorch", "subtract", lambda: learned("subtract")),
    "snntorch_analog": ("snntorch", "subtract", lambda: feed_forward("subtract")),
    "norse_if": ("norse", None, norse_integrate),
    "norse_readout": ("norse", None, norse_readout),
    "norse_lif": ("norse", None, norse_box),
    "norse_cubalif": ("norse", None, norse_current),
    "snntorch_own_leaky": ("snntorch", "subtract", lambda: own_leaky("subtract")),
    "snntorch_own_leaky_zero": ("snntorch", "zero", lambda: own_leaky("zero")),
    "snntorch_own_recurrent": ("snntorch", "subtract", lambda: own_recurrent("subtract")),
    "snntorch_own_synaptic": ("snntorch", "subtract", lambda: own_synaptic("subtract")),
    "norse_own": ("norse", None, norse_own),
}


def threshold_of(layer):
    return layer.threshold if hasattr(layer, "threshold") else layer.p.v_th


def run(layers, inputs):
    """The spikes of every spiking layer, how close a potential came to its threshold, and what a readout gave."""
    rows, nearest, outputs = [], np.inf, []
    states = [None] * len(layers)
    for x in inputs:
        value, row = x, []
        for index, layer in enumerate(layers):
            if isinstance(layer, torch.nn.Linear):
                value = layer(value)
                continue
            if isinstance(layer, norse.LIBoxCell):
                value, states[index] = layer(value, states[index])
                outputs.append(value.detach().flatten())
                continue
            if isinstance(layer, snn.SpikingNeuron):
                value = layer(value)
                potential = layer.mem
            else:
                value, state, potential = step_norse(layer, value, states[index])
                states[index] = state
            nearest = min(nearest, float((potential - threshold_of(layer)).abs().min()))
            row.append(value.detach().flatten())
        rows.append(torch.cat(row))
    return torch.stack(rows).numpy().astype("u1"), nearest, torch.stack(outputs).numpy() if outputs else None


def step_norse(layer, value, state):
    before = layer.initial_state(value) if state is None else state
    spikes, after = layer(value, state)
    # The potential before the reset, which the state no longer has.
    if isinstance(layer, norse.IAFCell):
        return spikes, after, before.v + value
    p, dt = layer.p, layer.dt
    drive = value if isinstance(layer, norse.LIFBoxCell) else before.i + value
    return spikes, after, before.v + dt * p.tau_mem_inv * (drive + p.v_leak - before.v)


def fits(spikes, layers):
    """Every layer fires, and none always."""
    start, good = 0, True
    for layer in layers:
        if isinstance(layer, torch.nn.Linear):
            count = layer.out_features
            if start < spikes.shape[1]:
                good &= 0.02 < spikes[:, start:start + count].mean() < 0.6
            start += count
    return good


def nested(layers):
    """The graph with recurrent layers as graphs in it, as snnTorch makes them before nirtorch flattens."""
    nodes, edges, last = {"input": nir.Input(np.array([6]))}, [], "input"
    for index, layer in enumerate(layers):
        nodes[str(index)] = export_nir._extract_snntorch_module(layer)
        edges.append((last, str(index)))
        last = str(index)
    nodes["output"] = nir.Output(np.array([4]))
    return nir.NIRGraph(nodes, edges + [(last, "output")])


def export(exporter, layers):
    module = norse.SequentialState(*layers) if exporter == "norse" else torch.nn.Sequential(*layers)
    sample = torch.zeros(6)
    return to_nir(module, sample) if exporter == "norse" else export_nir.export_to_nir(module, sample)


def draw(kind, seed, margin):
    exporter, reset, make = KINDS[kind]
    for attempt in range(1000):
        torch.manual_seed(1_000_003 * seed + attempt)
        with torch.no_grad():
            layers = make()
            graph = export(exporter, layers)
            for layer in layers:
                if isinstance(layer, snn.SpikingNeuron):
                    layer.reset_mem()
            inputs = torch.rand(STEPS, 1, 6)
            inputs = inputs / 2 if kind == "snntorch_analog" else (inputs < 0.3).float()
            spikes, nearest, outputs = run(layers, inputs)
            if nearest > margin and fits(spikes, layers):
                tensors = {"inputs": inputs[:, 0].numpy().astype("f4" if kind == "snntorch_analog" else "u1"), "spikes": spikes}
                return layers, graph, tensors | ({} if outputs is None else {"outputs": outputs})
    raise SystemExit(f"no network of the kind {kind} keeps its distance from the thresholds")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--margin", type=float, default=3e-5)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    manifest = []
    for kind, (exporter, reset, _) in KINDS.items():
        for seed in range(arguments.seed, arguments.seed + arguments.count):
            layers, graph, tensors = draw(kind, seed, arguments.margin)
            name = f"{kind}_{seed}"
            nir.write(arguments.folder / f"{name}.nir", graph, compression="gzip" if seed % 2 else None)
            save_file(tensors, arguments.folder / f"{name}.safetensors")
            entry = {"file": f"{name}.nir", "trials": f"{name}.safetensors", "from": exporter, "dt_ms": 1}
            manifest.append(entry | ({"reset": reset} if reset else {}))
            if kind == "snntorch_recurrent":
                nir.write(arguments.folder / f"{name}_nested.nir", nested(layers))
                manifest.append(manifest[-1] | {"file": f"{name}_nested.nir"})
    (arguments.folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    main()
