"""e-prop 1 by automatic differentiation, to be timed beside the reference of `epropc bench reference`.

    python3 torch_eprop.py NETWORK_FOLDER TRIALS OUTPUT ITERATIONS

Reads a network of one population of plain LIF neurons in the convention "paper-2019" with fixed feedback, and the first of
its trials. What e-prop 1 cuts is detached: the spikes that arrive at other neurons, and those of the reset; the readout
hands B err back in place of W_out^T err. The gradient in double precision goes to OUTPUT (a .safetensors file), a line of
JSON with the times of ITERATIONS iterations (forward, backward, Adam) in single precision, PyTorch's default, to the
standard output. One thread, as in the reference.
"""

import json
import math
import struct
import sys
import time

import numpy
import torch

ELEMENT_TYPES = {"F64": "<f8", "F32": "<f4", "U8": "u1", "BOOL": "u1", "I32": "<i4"}


def read_tensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        content = file.read()
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            values = numpy.frombuffer(content[begin:end], ELEMENT_TYPES[entry["dtype"]])
            tensors[name] = values.reshape(entry["shape"])
    return tensors


def write_tensors(path, tensors):
    header, content = {}, b""
    for name, values in tensors.items():
        data = values.astype("<f8").tobytes()
        header[name] = {
            "dtype": "F64", "shape": list(values.shape), "data_offsets": [len(content), len(content) + len(data)]}
        content += data
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + content)


class Network:
    def __init__(self, folder):
        with open(folder + "/network.json") as file:
            description = json.load(file)
        tensors = read_tensors(folder + "/" + description["weights_file"])

        def array(value):
            return numpy.asarray(tensors[value] if isinstance(value, str) else value, dtype="f8")

        (population,) = description["populations"]
        assert description["convention"] == "paper-2019" and population["model"] == "lif"
        assert population["reset"] == "subtract" and description["feedback"]["kind"] == "given"
        step = description["time_step_ms"]
        self.alpha = math.exp(-step / population["tau_m_ms"])
        self.kappa = math.exp(-step / description["readout"]["tau_out_ms"])
        self.threshold = population["threshold"]
        self.silent_steps = round(population["refractory_ms"] / step)
        self.gamma = description["surrogate"]["dampening"]
        self.step = step
        self.rate = description["rate_regularisation"]
        self.weights = {}
        for projection in description["projections"]:
            role = ("in" if projection["from"] == "inputs"
                    else "out" if projection["to"] == description["readout"]["name"] else "rec")
            self.weights[role] = (projection["name"], array(projection["weights"]))
        self.bias_name, self.bias = description["readout"]["name"], array(description["readout"]["bias"])
        self.feedback = array(description["feedback"]["matrix"])


class Spike(torch.autograd.Function):
    """z = [v >= v_th], silent or not; backward psi."""

    @staticmethod
    def forward(context, v, audible, threshold, gamma):
        context.save_for_backward(v, audible)
        context.constants = (threshold, gamma)
        return (v >= threshold).to(v.dtype) * audible

    @staticmethod
    def backward(context, slope):
        v, audible = context.saved_tensors
        threshold, gamma = context.constants
        psi = gamma * torch.clamp(1 - torch.abs(v - threshold) / threshold, min=0)
        return slope * psi * audible, None, None, None


class Readout(torch.autograd.Function):
    """Z W_out^T; backward B in place of W_out."""

    @staticmethod
    def forward(context, spikes, weights, feedback):
        context.save_for_backward(spikes, feedback)
        return spikes @ weights.T

    @staticmethod
    def backward(context, slope):
        spikes, feedback = context.saved_tensors
        return slope @ feedback.T, slope.T @ spikes, None


class Model:
    def __init__(self, network, trials, dtype):
        def tensor(values):
            return torch.tensor(values, dtype=dtype)

        self.network = network
        self.parameters = {
            role: tensor(values).requires_grad_() for role, (_, values) in network.weights.items()}
        self.parameters["bias"] = tensor(network.bias).requires_grad_()
        self.feedback = tensor(network.feedback)
        self.inputs, self.targets = tensor(trials["inputs"][0].astype("f8")), tensor(trials["targets"][0].astype("f8"))
        steps = len(self.inputs)
        lag = numpy.subtract.outer(numpy.arange(steps), numpy.arange(steps))
        self.filter = tensor(numpy.where(lag >= 0, network.kappa ** numpy.maximum(lag, 0), 0))

    def backward(self):
        """Runs the trial and leaves the gradients of e-prop 1 in the parameters."""
        network, weights = self.network, self.parameters
        steps, count = len(self.inputs), len(weights["rec"])
        drive = self.inputs @ weights["in"].T
        v = torch.zeros(count, dtype=drive.dtype)
        z = torch.zeros(count, dtype=drive.dtype)
        silent = torch.zeros(count, dtype=torch.int32)
        spikes = []
        for step in range(steps):
            arriving = z.detach()
            v = network.alpha * v + drive[step] + weights["rec"] @ arriving - network.threshold * arriving
            z = Spike.apply(v, (silent == 0).to(v.dtype), network.threshold, network.gamma)
            silent = torch.where(z.detach() > 0, network.silent_steps, torch.clamp(silent - 1, min=0))
            spikes.append(z)
        raster = torch.stack(spikes)
        y = self.filter @ (Readout.apply(raster, weights["out"], self.feedback) + weights["bias"])
        loss = 0.5 * ((y - self.targets) ** 2).sum()
        if network.rate:
            rates = raster.detach().mean(0) * (1000 / network.step)
            loss = loss + (raster * (network.rate["coefficient"] * (rates - network.rate["target_hz"]))).sum()
        loss.backward()
        weights["rec"].grad.fill_diagonal_(0)


def main():
    folder, trials_path, output, iterations = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    torch.set_num_threads(1)
    network, trials = Network(folder), read_tensors(trials_path)
    model = Model(network, trials, torch.float64)
    model.backward()
    gradients = {name: model.parameters[role].grad.numpy() for role, (name, _) in network.weights.items()}
    gradients[network.bias_name] = model.parameters["bias"].grad.numpy()
    write_tensors(output, gradients)

    model = Model(network, trials, torch.float32)
    optimiser = torch.optim.Adam(model.parameters.values(), lr=0.003)
    times = []
    for _ in range(iterations):
        start = time.process_time()
        optimiser.zero_grad()
        model.backward()
        optimiser.step()
        times.append(1000 * (time.process_time() - start))
    print(json.dumps({"torch": torch.__version__, "milliseconds": times}))


if __name__ == "__main__":
    main()
