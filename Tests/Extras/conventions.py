#!/usr/bin/env python3
"""Training runs of published e-prop systems, repeated by other means and compared with `epropc train`.

Each system is written here a second time, from its equations, in NumPy or JAX and in float64:

  paper       the 2019 paper's equations, trace by trace and synapse by synapse; random feedback; Adam as published
  pattern     the authors' pattern-generation tutorial: automatic differentiation, transmitted spikes cut; SGD
  evidence    the authors' evidence-accumulation tutorial (their adaptive cell): automatic differentiation; Adam
  light       the authors' light ALIF cell, whose threshold stands in the denominator: automatic differentiation
  bptt        the same cells with nothing cut: backpropagation through time, with the reset path
  nest        NEST's event-driven rule: from presynaptic spike to presynaptic spike, as its synapses work; Adam

Every run trains a small network on random trials for several iterations, with batches and, for classification, a window
at the end that alone counts. The gradients of every iteration and the weights after it, as `train --record` writes them,
must agree to 1e-9 of their size (chaos at a threshold would show as a difference of order 1).

    python3 conventions.py path/to/epropc

Needs numpy, safetensors and jax. Prints what is missing and exits with 77 if something is.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import jax
    import jax.numpy as jnp
    import numpy as np
    from safetensors.numpy import load_file, save_file
except ImportError as missing:
    print(f"SKIPPED: {missing}")
    sys.exit(77)

jax.config.update("jax_enable_x64", True)

T, BATCH, ITERATIONS = 60, 3, 4
N_IN, N_LIF, N_ALIF, N_OUT = 6, 4, 4, 2
N = N_LIF + N_ALIF
BETA = np.r_[np.zeros(N_LIF), np.full(N_ALIF, 0.15)]


class Case:
    """One system: parameters, weights and trials. Weights are [pre, post]."""

    def __init__(self, name, seed, **settings):
        self.name = name
        self.convention = settings["convention"]
        self.loss = settings.get("loss", "squared-error")
        self.optimiser = settings.get("optimiser", ("adam", 0.003))
        self.symmetric = settings.get("symmetric", False)
        self.rule = settings.get("rule", "e-prop-1")
        self.refractory = settings.get("refractory", 3)
        self.rate = settings.get("rate")
        self.surrogate = settings.get("surrogate", {"kind": "piecewise-linear", "dampening": 0.3})
        self.tau_m, self.tau_out, self.tau_a, self.v_th = 15.0, 12.0, 70.0, 0.6
        self.alpha, self.kappa, self.rho = (np.exp(-1 / tau) for tau in (self.tau_m, self.tau_out, self.tau_a))
        rng = np.random.default_rng(seed)
        gain = settings.get("gain", 1.0)
        self.w_in = gain * rng.normal(size=(N_IN, N)) * 0.9
        self.w_rec = gain * rng.normal(size=(N, N)) * 0.4
        np.fill_diagonal(self.w_rec, 0)
        self.w_out = rng.normal(size=(N, N_OUT)) * 0.5
        self.feedback = rng.normal(size=(N, N_OUT))
        self.x = (rng.random((BATCH, T, N_IN)) < 0.15).astype(float)
        self.mask = np.ones((BATCH, T)) if self.loss == "squared-error" else np.tile(np.arange(T) >= T - 20, (BATCH, 1)).astype(float)
        if self.loss == "squared-error":
            self.target = rng.normal(size=(BATCH, T, N_OUT))
        else:
            self.target = np.eye(N_OUT)[rng.integers(N_OUT, size=BATCH)][:, None, :].repeat(T, axis=1)

    def write(self, folder):
        """The network and its trials, as epropc reads them."""
        populations = []
        for name, count, extra in (("lif", N_LIF, {"model": "lif"}),
                                   ("alif", N_ALIF, {"model": "adaptive-lif", "beta": 0.15, "tau_a_ms": self.tau_a})):
            populations.append({"name": name, "count": count, "tau_m_ms": self.tau_m, "threshold": self.v_th,
                                "reset": "subtract", "refractory_ms": self.refractory, **extra})
        parts = {"lif": slice(0, N_LIF), "alif": slice(N_LIF, N)}
        projections = []
        for post, columns in parts.items():
            projections.append((f"in_{post}", "inputs", post, self.w_in[:, columns]))
            for pre, rows in parts.items():
                projections.append((f"{pre}_{post}", pre, post, self.w_rec[rows, columns]))
        for pre, rows in parts.items():
            projections.append((f"{pre}_y", pre, "y", self.w_out[rows]))
        kind, rate = self.optimiser
        optimiser = {"kind": kind, "learning_rate": rate, "schedule": {"kind": "constant"}}
        if kind == "adam":
            optimiser |= {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
        network = {
            "format": "epropc-network", "version": 1, "name": "check", "time_step_ms": 1, "convention": self.convention,
            "inputs": {"count": N_IN, "kind": "spikes"}, "populations": populations,
            "projections": [{"name": n, "from": a, "to": b, "weights": w.T.tolist(), "plastic": True}
                            for n, a, b, w in projections],
            "readout": {"name": "y", "count": N_OUT, "tau_out_ms": self.tau_out, "bias": [0.0] * N_OUT,
                        "plastic_bias": False},
            "loss": self.loss,
            "feedback": {"kind": "symmetric"} if self.symmetric else {"kind": "given", "matrix": self.feedback.tolist()},
            "surrogate": self.surrogate, "optimiser": optimiser, "maximum_steps": T,
        }
        if self.rate:
            network["rate_regularisation"] = {"coefficient": self.rate[0], "target_hz": self.rate[1]}
        (folder / "network.json").write_text(json.dumps(network))
        save_file({"inputs": self.x.astype(np.uint8), "targets": self.target, "mask": self.mask.astype(np.uint8)},
                  str(folder / "trials.safetensors"))

    def trained(self, epropc):
        """Gradients of every iteration and weights after it in epropc's training: w_in, w_rec, w_out of each."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            self.write(folder)
            command = [epropc, "train", "--network", str(folder), "--trials", str(folder / "trials.safetensors"),
                       "--rule", self.rule, "--iterations", str(ITERATIONS), "--batch", str(BATCH),
                       "-o", str(folder / "out"), "--record", str(folder / "record.safetensors")]
            subprocess.run(command, check=True, capture_output=True)
            record = load_file(str(folder / "record.safetensors"))

        def joined(kind, n):
            found = {name[len(kind):-len(".weights")]: array[n].T for name, array in record.items()
                     if name.startswith(kind) and name.endswith(".weights")}
            w_in = np.concatenate([found["in_lif"], found["in_alif"]], axis=1)
            w_rec = np.block([[found["lif_lif"], found["lif_alif"]], [found["alif_lif"], found["alif_alif"]]])
            return [w_in, w_rec, np.concatenate([found["lif_y"], found["alif_y"]])]

        return [joined("gradients.", n) + joined("parameters.", n + 1) for n in range(ITERATIONS)]


class Adam:
    """Kingma & Ba; `hat` puts epsilon beside the uncorrected root, as TensorFlow 1 and NEST do."""

    def __init__(self, rate, hat):
        self.rate, self.hat, self.n, self.m, self.u = rate, hat, 0, None, None

    def step(self, weights, gradients):
        self.n += 1
        self.m = self.m or [0 * w for w in weights]
        self.u = self.u or [0 * w for w in weights]
        c1, c2 = 1 - 0.9**self.n, 1 - 0.999**self.n
        for i, g in enumerate(gradients):
            self.m[i] = 0.9 * self.m[i] + 0.1 * g
            self.u[i] = 0.999 * self.u[i] + 0.001 * g * g
            if self.hat:
                weights[i] = weights[i] - self.rate * np.sqrt(c2) / c1 * self.m[i] / (np.sqrt(self.u[i]) + 1e-8)
            else:
                weights[i] = weights[i] - self.rate * (self.m[i] / c1) / (np.sqrt(self.u[i] / c2) + 1e-8)


class Descent:
    def __init__(self, rate):
        self.rate = rate

    def step(self, weights, gradients):
        for i, g in enumerate(gradients):
            weights[i] = weights[i] - self.rate * g


def train(case, gradients, optimiser):
    weights = [case.w_in.copy(), case.w_rec.copy(), case.w_out.copy()]
    history = []
    for _ in range(ITERATIONS):
        found = [np.array(g) for g in gradients(case, *weights)]
        np.fill_diagonal(found[1], 0)
        optimiser.step(weights, found)
        history.append(found + list(weights))
    return history


def softmax(y):
    e = np.exp(y - y.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def paper(case, w_in, w_rec, w_out):
    """Eqs 20-28, 41, 45 of the 2019 paper as printed; L_j = sum_k B_jk (y_k - y*_k); the mean over the batch."""
    g_in, g_rec, g_out = np.zeros_like(w_in), np.zeros_like(w_rec), np.zeros_like(w_out)
    runs = [simulate(case, w_in, w_rec, w_out, b) for b in range(BATCH)]
    hertz = 1000 * np.mean([z.mean(axis=0) for z, _, _ in runs], axis=0)
    regulariser = case.rate[0] * (hertz - case.rate[1])
    for b, (z, psi, y) in enumerate(runs):
        error = y - case.target[b] if case.loss == "squared-error" else softmax(y) - case.target[b]
        error = error * case.mask[b][:, None]
        signal = error @ case.feedback.T
        z_bar = np.zeros(N)
        for t in range(T):
            z_bar = case.kappa * z_bar + z[t]
            g_out += np.outer(z_bar, error[t])
        before = np.vstack([np.zeros(N), z[:-1]])
        for p, g in ((case.x[b], g_in), (before, g_rec)):
            for i in range(p.shape[1]):
                for j in range(N):
                    z_hat = epsilon = e_bar = 0.0
                    for t in range(T):
                        z_hat = case.alpha * z_hat + p[t, i]
                        e = psi[t, j] * (z_hat - BETA[j] * epsilon)
                        epsilon = psi[t, j] * z_hat + (case.rho - psi[t, j] * BETA[j]) * epsilon
                        e_bar = case.kappa * e_bar + e
                        g[i, j] += signal[t, j] * e_bar + regulariser[j] * e
    return g_in / BATCH, g_rec / BATCH, g_out / BATCH


def simulate(case, w_in, w_rec, w_out, b):
    """z, psi [T, N] and y [T, K] by the paper's equations."""
    v, a, z, silent, y = np.zeros(N), np.zeros(N), np.zeros(N), np.zeros(N), np.zeros(N_OUT)
    spikes, slopes, readouts = [], [], []
    for t in range(T):
        v = case.alpha * v + case.x[b, t] @ w_in + z @ w_rec - case.v_th * z
        a = case.rho * a + z
        threshold = case.v_th + BETA * a
        free = silent == 0
        slopes.append(free * 0.3 * np.maximum(0, 1 - np.abs((v - threshold) / case.v_th)))
        z = ((v >= threshold) & free).astype(float)
        silent = np.where(z > 0, case.refractory, np.maximum(silent - 1, 0))
        y = case.kappa * y + z @ w_out
        spikes.append(z)
        readouts.append(y)
    return np.array(spikes), np.array(slopes), np.array(readouts)


@jax.custom_jvp
def spike(u):
    return (u > 0).astype(float)


@spike.defjvp
def _(primals, tangents):
    (u,), (du,) = primals, tangents
    return spike(u), 0.3 * jnp.maximum(0, 1 - jnp.abs(u)) * du


def differentiated(case, w_in, w_rec, w_out):
    """The authors' TensorFlow models: the loss of a batch, differentiated automatically."""
    light, evidence = "light" in case.name, "evidence" in case.name
    s_in = 1.0 if evidence else 1 - case.alpha
    s_b = 1 - case.rho if light else 1.0
    cut = jax.lax.stop_gradient if case.rule == "e-prop-1" else (lambda z: z)
    beta = jnp.asarray(BETA)

    def loss(weights):
        w_in, w_rec, w_out = weights

        def step(state, x):
            v, b, z, r, y = state
            b = case.rho * b + s_b * z  # the neuron's own spike: never cut
            sent = cut(z)
            v = case.alpha * v + s_in * (x @ w_in + sent @ w_rec) - sent * case.v_th
            threshold = case.v_th + b * beta
            z = spike((v - threshold) / (threshold if light else case.v_th))
            z = jnp.where(r > 0, 0.0, z)
            r = jax.lax.stop_gradient(jnp.clip(r + case.refractory * z - 1, 0, case.refractory))
            y = case.kappa * y + (1 - case.kappa) * (z @ w_out)
            return (v, b, z, r, y), (z, y)

        def run(x):
            state = (*(jnp.zeros(N) for _ in range(4)), jnp.zeros(N_OUT))
            return jax.lax.scan(step, state, x)[1]

        z, y = jax.vmap(run)(jnp.asarray(case.x))
        if case.loss == "squared-error":
            total = 0.5 * jnp.sum((y - case.target) ** 2) / BATCH
        else:
            each = -jnp.sum(case.target * jax.nn.log_softmax(y), axis=-1)
            total = jnp.sum(each * case.mask) / jnp.sum(case.mask)  # reduce_mean over batch and recall
        if case.rate:
            error = jnp.mean(z, axis=(0, 1)) - case.rate[1] / 1000
            total += (1.0 if evidence else 0.5) * case.rate[0] * jnp.sum(error**2)
        return total

    return jax.grad(loss)([jnp.asarray(w) for w in (w_in, w_rec, w_out)])


def nest(case, w_in, w_rec, w_out):
    """NEST's rule: each synapse goes through the archived history from one of its spikes to the next."""
    g_in, g_rec, g_out = np.zeros_like(w_in), np.zeros_like(w_rec), np.zeros_like(w_out)
    gamma, beta = case.surrogate["dampening"], 1 / case.surrogate["width"]
    for b in range(BATCH):
        v, a, z, r, y = np.zeros(N), np.zeros(N), np.zeros(N), np.zeros(N), np.zeros(N_OUT)
        spikes, slopes, errors = [], [], []
        for t in range(T):
            r = np.maximum(r - 1, 0)
            v = case.alpha * v + (1 - case.alpha) * (case.x[b, t] @ w_in + z @ w_rec) - case.v_th * z
            a = case.rho * a + z
            threshold = case.v_th + BETA * a
            slopes.append(np.where(r > 0, 0, gamma * np.maximum(0, 1 - beta * np.abs(v - threshold))))
            z = ((v >= threshold) & (r == 0)).astype(float)
            r = np.where(z > 0, case.refractory, r)
            y = case.kappa * y + (1 - case.kappa) * (z @ w_out)
            spikes.append(z)
            if case.loss == "cross-entropy":
                errors.append(case.mask[b, t] * (softmax(y) - case.target[b, t]))
            else:
                errors.append(y - case.target[b, t])
        z, psi, error = np.array(spikes), np.array(slopes), np.array(errors)
        signal = error @ case.feedback.T
        regulariser = case.rate[0] / T * (z.sum(axis=0) / T - case.rate[1] / 1000)
        before = np.vstack([np.zeros(N), z[:-1]])
        for p, g in ((case.x[b], g_in), (before, g_rec)):
            for i in range(p.shape[1]):
                times = np.flatnonzero(p[:, i])
                intervals = np.diff(np.r_[times, T])
                for j in range(N):
                    g[i, j] += nest_gradient(case, times, intervals, psi[:, j], signal[:, j], regulariser[j], BETA[j])
        for j in range(N):
            for k in range(N_OUT):
                z_bar = 0.0
                for t in range(T):
                    z_bar = case.kappa * z_bar + (1 - case.kappa) * z[t, j]
                    g_out[j, k] += error[t, k] * z_bar
    return g_in / BATCH, g_rec / BATCH, g_out / BATCH


def nest_gradient(case, times, intervals, psi, signal, regulariser, beta):
    z_bar = e_bar = epsilon = total = sum_e = 0.0
    for start, interval in zip(times, intervals):
        z = 1.0
        for t in range(start, start + interval):
            z_bar = case.alpha * z_bar + (1 - case.alpha) * z
            e = psi[t] * (z_bar - beta * epsilon)
            epsilon = case.rho * epsilon + e
            e_bar = case.kappa * e_bar + (1 - case.kappa) * e
            total += signal[t] * e_bar
            sum_e += e
            z = 0.0
    return total + regulariser * sum_e


def cases():
    for seed in (1, 2, 3):
        yield Case("paper", seed, convention="paper-2019", rate=(0.01, 10), gain=0.5), paper, Adam(0.003, hat=False)
        yield (Case("paper cross-entropy", seed, convention="paper-2019", rate=(0.01, 10), loss="cross-entropy", gain=0.5),
               paper, Adam(0.003, hat=False))
        # The pattern generator has plain neurons; its convention is shown on adaptive ones too. No refractory period.
        yield (Case("pattern", seed, convention="tf-pattern-generation", rate=(300, 10), optimiser=("sgd", 1e-3),
                    refractory=0, symmetric=True, gain=8), differentiated, Descent(1e-3))
        for rule in ("e-prop-1", "bptt"):
            yield (Case(f"evidence {rule}", seed, convention="tf-evidence-accumulation", rate=(1, 10), symmetric=True,
                        loss="cross-entropy", rule=rule, gain=0.5), differentiated, Adam(0.003, hat=True))
            yield (Case(f"light {rule}", seed, convention="tf-light-alif", rate=(30, 10), refractory=0,
                        symmetric=True, rule=rule, gain=8), differentiated, Adam(0.003, hat=True))
        convention = {"preset": "nest", "surrogate_height": "gamma"}
        # Its regression and its evidence accumulation, whose errors are those of a softmax in the window at the end.
        for name, loss in (("nest", "squared-error"), ("nest evidence", "cross-entropy")):
            yield (Case(name, seed, convention=convention, rate=(T * 3, 10), gain=8, loss=loss,
                        surrogate={"kind": "piecewise-linear", "dampening": 0.5, "width": 1 / 1.7}),
                   nest, Adam(0.003, hat=True))


def main():
    epropc = sys.argv[1] if len(sys.argv) > 1 else ".build/release/epropc"
    worst = 0.0
    for case, gradients, optimiser in cases():
        expected = train(case, gradients, optimiser)
        found = case.trained(epropc)
        start = (case.w_in, case.w_rec, case.w_out)
        distance = max(np.abs(a - b).max() / np.abs(b).max()
                       for ours, theirs in zip(found, expected) for a, b in zip(ours, theirs))
        moved = min(np.abs(a - b).max() for a, b in zip(expected[-1][3:], start))
        print(f"{case.name:20} {ITERATIONS} iterations: weights moved by {moved:.1e}; gradients and weights differ by "
              f"{distance:.1e} of their size")
        assert moved > 1e-4, "nothing was learnt"
        worst = max(worst, distance)
    if worst > 1e-9:
        sys.exit(f"the largest difference is {worst:.1e}")


if __name__ == "__main__":
    main()
