"""Features of a recording by NumPy in double precision, from the definitions in Sources/Features/MelCepstrum.swift.

    python3 Tests/Extras/mfcc.py recording.wav

Prints [frames][39] as JSON. Nothing needs it: a test compares `epropc features` with it where NumPy is installed.
"""

import json
import sys
import wave

import numpy as np

RATE, LENGTH, STEP, SIZE, FILTERS, KEPT = 8000, 200, 80, 256, 26, 13


def mel(f):
    return 2595 * np.log10(1 + f / 700)


def slopes(c):
    padded = np.pad(c, ((2, 2), (0, 0)), mode="edge")
    n = len(c)
    return (padded[3 : 3 + n] - padded[1 : 1 + n] + 2 * (padded[4 : 4 + n] - padded[:n])) / 10


def features(samples):
    x = samples / (np.abs(samples).max() or 1)
    x = np.append(x[0], x[1:] - 0.97 * x[:-1])
    count = max(0, len(x) - LENGTH) // STEP + 1
    frames = np.stack([x[STEP * t : STEP * t + LENGTH] for t in range(count)]) * np.hamming(LENGTH)
    power = np.abs(np.fft.rfft(frames, SIZE)) ** 2 / SIZE
    corners = 700 * (10 ** (np.linspace(0, mel(RATE / 2), FILTERS + 2) / 2595) - 1)
    f = np.arange(SIZE // 2 + 1) * RATE / SIZE
    bank = [np.interp(f, corners[m : m + 3], [0, 1, 0], left=0, right=0) for m in range(FILTERS)]
    logs = np.log(np.maximum(1e-10, power @ np.array(bank).T))
    n, k = np.arange(FILTERS), np.arange(KEPT)[:, None]
    basis = np.sqrt(2 / FILTERS) * np.cos(np.pi * k * (n + 0.5) / FILTERS)
    basis[0] /= np.sqrt(2)
    c = logs @ basis.T
    d = slopes(c)
    return np.hstack([c, d, slopes(d)])


with wave.open(sys.argv[1]) as file:
    assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2)
    samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
json.dump(features(samples).tolist(), sys.stdout)
