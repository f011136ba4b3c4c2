"""Runs models on random inputs. Reads {"models": [path], "folder": path} as JSON; writes inputs and outputs as raw float32 or int32
files into the folder and prints [{"path", "inputs": [tensor], "outputs": [tensor]}], tensor = {"name", "shape", "dtype", "file"}."""

import json
import os
import sys

import numpy as np
import onnxruntime as ort


def tensor(folder, name, array):
    file = os.path.join(folder, f"{len(os.listdir(folder))}.raw")
    array.tofile(file)
    return {"name": name, "shape": list(array.shape), "dtype": str(array.dtype), "file": file}


def draw(rng, port):
    if port.type == "tensor(int32)":
        return np.zeros(port.shape, np.int32)
    low, high = (0, 255) if port.name == "frames" else (-1, 1)
    return rng.uniform(low, high, port.shape).astype(np.float32)


def run(path, folder):
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    rng = np.random.RandomState(1)
    feeds = {port.name: draw(rng, port) for port in session.get_inputs()}
    names = [port.name for port in session.get_outputs()]
    outputs = zip(names, session.run(names, feeds))
    return {
        "path": path,
        "inputs": [tensor(folder, name, array) for name, array in feeds.items()],
        "outputs": [tensor(folder, name, np.asarray(array)) for name, array in outputs],
    }


asked = json.load(sys.stdin)
json.dump([run(path, asked["folder"]) for path in asked["models"]], sys.stdout)
