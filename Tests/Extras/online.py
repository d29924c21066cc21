#!/usr/bin/env python3
"""Recorded runs of online learning rules on a rate network, repeated by `epropc gradients`.

A network of leaky tanh units learns in NumPy from a stream, after every step, along the gradient of one rule, while the
others look on; everything that the rules draw is recorded. Then `epropc gradients --learn --draws --per-step` repeats the
run from the description, the trials and the draws alone, and every rule's gradient must agree at every step.

The rules are written as in their sources (names in `Sources/OnlineRules` and `Sources/RateReference`), on plain arrays:
RTRL with the whole influence matrix, UORO, KF-RTRL, R-KF, KeRNL, RFLO, DNI and DNI(b).

    python3 online.py path/to/epropc

Needs numpy and safetensors. Prints what is missing and exits with 77 if something is.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import numpy as np
    from safetensors.numpy import save_file
except ImportError as missing:
    print(f"SKIPPED: {missing}")
    sys.exit(77)

N, N_IN, N_OUT, T = 7, 2, 2, 60
M = N + N_IN + 1
RULES = ["rtrl", "uoro", "kf-rtrl", "r-kf", "kernl", "rflo", "dni", "dni-b"]


def norm(x):
    return np.sqrt((x * x).sum())


class Run:
    """The network, its stream and everything drawn."""

    def __init__(self, seed, alpha, learn, optimiser):
        rng = np.random.default_rng(seed)
        self.alpha, self.learn, self.optimiser = alpha, learn, optimiser
        self.w = np.hstack([np.linalg.qr(rng.normal(size=(N, N)))[0], rng.normal(size=(N, N_IN)) / np.sqrt(N_IN),
                            0.1 * rng.normal(size=(N, 1))])
        self.w_out = np.hstack([rng.normal(size=(N_OUT, N)) / np.sqrt(N), np.zeros((N_OUT, 1))])
        coin = rng.integers(2, size=T)
        self.x = np.stack([coin, 1 - coin], axis=1).astype(float)
        chance = 0.5 + 0.5 * np.roll(coin, 3) - 0.25 * np.roll(coin, 5)
        label = (rng.random(T) < chance).astype(float)
        self.target = np.stack([label, 1 - label], axis=1)

        def signs(*shape):
            return rng.integers(2, size=shape) * 2.0 - 1

        width = N + N_OUT + 1
        self.draws = {
            "uoro.a": rng.normal(size=N), "uoro.b": rng.normal(size=(N, M)), "uoro.nu": signs(T, N),
            "kf-rtrl.a": rng.normal(size=M), "kf-rtrl.b": rng.normal(size=(N, N)), "kf-rtrl.nu": signs(T, 2),
            "r-kf.a": rng.normal(size=N), "r-kf.b": rng.normal(size=(N, M)), "r-kf.nu": signs(T, N),
            "kernl.noise": 1e-3 * rng.normal(size=(T + 1, N)),
            "dni.a": rng.normal(size=(N, width)) / np.sqrt(width),
            "dni-b.a": rng.normal(size=(N, width)) / np.sqrt(width),
        }

    def write(self, folder):
        rec, inp, bias = self.w[:, :N], self.w[:, N:N + N_IN], self.w[:, -1]
        (folder / "network.json").write_text(json.dumps({
            "format": "epropc-network", "version": 1, "name": "online", "inputs": {"count": N_IN, "kind": "spikes"},
            "populations": [{"name": "units", "count": N, "model": "leaky-tanh", "alpha": self.alpha,
                             "bias": bias.tolist(), "plastic_bias": True}],
            "projections": [
                {"name": "in", "from": "inputs", "to": "units", "weights": inp.tolist(), "plastic": True},
                {"name": "rec", "from": "units", "to": "units", "weights": rec.tolist(), "plastic": True,
                 "autapses": True},
                {"name": "out", "from": "units", "to": "y", "weights": self.w_out[:, :N].tolist(), "plastic": True}],
            "readout": {"name": "y", "count": N_OUT, "bias": self.w_out[:, N].tolist(), "plastic_bias": True},
            "loss": "cross-entropy", "feedback": {"kind": "symmetric"},
            "optimiser": {**self.optimiser, "schedule": {"kind": "constant"}}, "maximum_steps": T}))
        save_file({"inputs": self.x[None].astype(np.uint8), "targets": self.target[None]}, str(folder / "trials"))
        once = ("dni.a", "dni-b.a")
        save_file({name: np.ascontiguousarray(array if name in once else array[None])
                   for name, array in self.draws.items()}, str(folder / "draws"))

    def gradients(self):
        """{rule: [T, N, M]}, and of the readout [T, N_OUT, N + 1]."""
        w, w_out, a = self.w.copy(), self.w_out.copy(), np.zeros(N)
        state = State(self, w)
        moved = Optimiser(self.optimiser)
        found, outputs = {rule: [] for rule in RULES}, []
        for t in range(T):
            before, hat = a, np.concatenate([a, self.x[t], [1]])
            h = w @ hat
            a = (1 - self.alpha) * before + self.alpha * np.tanh(h)
            slope = self.alpha * (1 - np.tanh(h) ** 2)
            y = w_out @ np.append(a, 1)
            error = np.exp(y - y.max()) / np.exp(y - y.max()).sum() - self.target[t]
            jacobian = slope[:, None] * w[:, :N] + (1 - self.alpha) * np.eye(N)
            q = error @ w_out[:, :N]
            step = state.step(t, w, before, a, hat, slope, jacobian, q)
            for rule in RULES:
                found[rule].append(step[rule])
            outputs.append(np.outer(error, np.append(a, 1)))
            w, w_out = moved.step([w, w_out], [step[self.learn], outputs[-1]])
        return {rule: np.array(steps) for rule, steps in found.items()}, np.array(outputs)


class Optimiser:
    def __init__(self, settings):
        self.settings, self.n, self.m, self.u = settings, 0, 0, 0

    def step(self, weights, gradients):
        rate = self.settings["learning_rate"]
        if self.settings["kind"] == "sgd":
            return [w - rate * g for w, g in zip(weights, gradients)]
        self.n += 1
        flat = np.concatenate([g.ravel() for g in gradients])
        self.m = 0.9 * self.m + 0.1 * flat
        self.u = 0.999 * self.u + 0.001 * flat * flat
        change = rate * (self.m / (1 - 0.9 ** self.n)) / (np.sqrt(self.u / (1 - 0.999 ** self.n)) + 1e-8)
        moved, start = [], 0
        for w in weights:
            moved.append(w - change[start:start + w.size].reshape(w.shape))
            start += w.size
        return moved


class State:
    """What the rules keep."""

    def __init__(self, run, w):
        self.run, d = run, run.draws
        self.influence = np.zeros((N, N, M))
        self.uoro = d["uoro.a"], d["uoro.b"]
        self.kf = d["kf-rtrl.a"], d["kf-rtrl.b"]
        self.rkf = d["r-kf.a"], d["r-kf.b"]
        self.trace = np.zeros((N, M))
        self.kernl = {"a": np.eye(N), "gamma": np.full(N, 0.8), "b": np.zeros((N, M)), "noisy": np.zeros(N),
                      "omega": np.zeros(N), "derivative": np.zeros(N)}
        self.dni = {rule: {"a": d[rule + ".a"].copy(), "fixed": d[rule + ".a"].copy()} for rule in ("dni", "dni-b")}
        self.learnt_jacobian = w[:, :N].copy()
        self.q_before, self.target_before = np.zeros(N), run.target[0]

    def step(self, t, w, before, a, hat, slope, jacobian, q):
        run, d = self.run, self.run.draws
        direct = slope[:, None] * hat[None]
        found = {}
        self.influence = np.einsum("kl,lij->kij", jacobian, self.influence)
        for i in range(N):
            self.influence[i, i] += direct[i]
        found["rtrl"] = np.einsum("k,kij->ij", q, self.influence)

        (u, b), nu = self.uoro, d["uoro.nu"][t]
        forward, projected = jacobian @ u, nu[:, None] * direct
        p0, p1 = np.sqrt(norm(b) / norm(forward)), np.sqrt(norm(projected) / np.sqrt(N))
        self.uoro = u, b = p0 * forward + p1 * nu, b / p0 + projected / p1
        found["uoro"] = (q @ u) * b

        (u, b), nu = self.kf, d["kf-rtrl.nu"][t]
        forward = jacobian @ b
        p0, p1 = np.sqrt(norm(forward) / norm(u)), np.sqrt(norm(slope) / norm(hat))
        self.kf = u, b = nu[0] * p0 * u + nu[1] * p1 * hat, nu[0] / p0 * forward + nu[1] / p1 * np.diag(slope)
        found["kf-rtrl"] = np.outer(q @ b, u)

        (u, b), nu = self.rkf, d["r-kf.nu"][t]
        forward, projected = jacobian @ b, nu[:, None] * direct
        p0, p1 = np.sqrt(norm(forward) / norm(u)), np.sqrt(norm(projected) / np.sqrt(N))
        self.rkf = u, b = p0 * u + p1 * nu, forward / p0 + projected / p1
        found["r-kf"] = np.outer(u, q @ b)

        self.trace = (1 - run.alpha) * self.trace + direct
        found["rflo"] = q[:, None] * self.trace
        found["kernl"] = self.kernel(t, w, a, hat, direct, q)
        for rule in ("dni", "dni-b"):
            found[rule] = self.synthetic(rule, t, before, a, direct, jacobian, q)
        self.q_before, self.target_before = q, run.target[t]
        return found

    def kernel(self, t, w, a, hat, direct, q):
        k, noise = self.kernl, self.run.draws["kernl.noise"]
        start = k["noisy"] + noise[t]
        k["noisy"] = (1 - self.run.alpha) * start + self.run.alpha * np.tanh(w @ np.concatenate([start, hat[N:]]))
        kernel = np.maximum(0, 1 - k["gamma"])
        k["derivative"] = kernel * k["derivative"] - k["omega"]
        k["omega"] = kernel * k["omega"] + noise[t + 1]
        k["b"] = kernel[:, None] * k["b"] + direct
        error = k["a"] @ k["omega"] - (k["noisy"] - a)
        change = np.outer(error, k["omega"]), (error @ k["a"]) * k["derivative"]
        k["a"], k["gamma"] = k["a"] - 5 * change[0], k["gamma"] - 5 * change[1]
        return (q @ k["a"])[:, None] * k["b"]

    def synthetic(self, rule, t, before, a, direct, jacobian, q):
        s = self.dni[rule]
        old = np.concatenate([before, self.target_before, [1]])
        new = np.concatenate([a, self.run.target[t], [1]])
        if rule == "dni-b":
            error = self.learnt_jacobian @ before - a
            self.learnt_jacobian = self.learnt_jacobian - 0.001 * np.outer(error, before)
            goal = self.q_before + np.tanh(s["fixed"] @ new) @ self.learnt_jacobian
        else:
            goal = self.q_before + (s["fixed"] @ new) @ jacobian
        s["a"] = s["a"] - 0.001 * np.outer(s["a"] @ old - goal, old)
        if t % 5 == 4:
            s["fixed"] = s["a"].copy()
        return (s["a"] @ new)[:, None] * direct


def replayed(run, epropc):
    """The same from epropc."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run.write(folder)
        subprocess.run([epropc, "gradients", str(folder), "--trials", str(folder / "trials"), "--rules", ",".join(RULES),
                        "--learn", run.learn, "--draws", str(folder / "draws"), "--against", "rtrl", "--per-step",
                        "--json", str(folder / "gradients.json")], check=True, capture_output=True)
        document = json.loads((folder / "gradients.json").read_text())
    shapes = {p["parameter"]: p["shape"] for p in document["parameters"]}
    names = [p["parameter"] for p in document["parameters"]]
    found = {}
    for rule in document["rules"]:
        parts = {name: np.array(p["step_gradient"]).reshape(T, *shapes[name])
                 for name, p in zip(names, rule["parameters"])}
        found[rule["rule"]] = np.concatenate([parts["W_rec"], parts["W_in"], parts["b"][:, :, None]], axis=2)
        outputs = np.concatenate([parts["W_out"], parts["b_out"][:, :, None]], axis=2)
    return found, outputs


def main():
    epropc = sys.argv[1] if len(sys.argv) > 1 else ".build/release/epropc"
    adam = {"kind": "adam", "learning_rate": 0.003, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
    worst = 0.0
    for seed, alpha, learn, optimiser in ((1, 1.0, "rtrl", {"kind": "sgd", "learning_rate": 0.05}),
                                          (2, 0.5, "kf-rtrl", {"kind": "sgd", "learning_rate": 0.01}),
                                          (3, 0.7, "dni", adam)):
        run = Run(seed, alpha, learn, optimiser)
        expected, outputs = run.gradients()
        found, found_outputs = replayed(run, epropc)
        distances = {rule: np.abs(found[rule] - expected[rule]).max() / np.abs(expected[rule]).max() for rule in RULES}
        distances["readout"] = np.abs(found_outputs - outputs).max() / np.abs(outputs).max()
        print(f"alpha {alpha}, {T} steps along {learn} by {optimiser['kind']}: "
              + ", ".join(f"{rule} {value:.0e}" for rule, value in distances.items()))
        worst = max(worst, *distances.values())
    if worst > 1e-9:
        sys.exit(f"the largest difference is {worst:.1e}")


if __name__ == "__main__":
    main()
