"""PyTorch's and OpenCV's side of bench/scoring.ts: MesoInception4 over every frame of video files.

Arguments: number of threads, file of weights, frames per run, memory layout. Reads a JSON list of clips per line and answers
with the number of frames judged and the processor's seconds; a line {"rgb": path, "side": n} is answered with the logits of the raw frames in that file.
"""
import json
import sys
import time

import cv2
import numpy as np
import torch
from torch.nn import functional as F

threads, weights, batch, layout = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
torch.set_num_threads(threads)
layout = torch.channels_last if layout == "channels_last" else torch.contiguous_format
w = {name: torch.tensor(t["data"], dtype=torch.float32).reshape(t["shape"]) for name, t in json.load(open(weights)).items()}
for name in w:
    if w[name].dim() == 4:
        w[name] = w[name].permute(3, 2, 0, 1).contiguous(memory_format=layout)


def conv(name, x, dilation=1):
    kernel = w[f"{name}/kernel"]
    return F.relu(F.conv2d(x, kernel, w[f"{name}/bias"], padding=dilation * (kernel.shape[2] // 2), dilation=dilation))


def inception(name, x):
    branches = [conv(f"{name}/branch0/point", x)]
    for dilation in (1, 2, 3):
        branches.append(conv(f"{name}/branch{dilation}/wide", conv(f"{name}/branch{dilation}/point", x), dilation))
    return torch.cat(branches, 1)


def block(name, x, pool):
    norm = [w[f"{name}/norm/{part}"] for part in ("mean", "variance", "scale", "offset")]
    return F.max_pool2d(F.batch_norm(x, *norm, eps=1e-3), pool)


def network(x):
    x = block("block1", inception("block1", x), 2)
    x = block("block2", inception("block2", x), 2)
    x = block("block3", conv("block3", x), 2)
    x = block("block4", conv("block4", x), 4)
    x = x.permute(0, 2, 3, 1).flatten(1)
    x = F.leaky_relu(x @ w["dense1/kernel"] + w["dense1/bias"], 0.1)
    return (x @ w["dense2/kernel"] + w["dense2/bias"]).flatten()


def judge(frames):
    """Logits of RGB frames, [n, height, width, 3] in bytes."""
    x = torch.from_numpy(frames).permute(0, 3, 1, 2).to(torch.float32, memory_format=layout).div_(255)
    return network(x).tolist()


def judge_clip(path):
    video, waiting, logits = cv2.VideoCapture(path), [], []
    while True:
        found, frame = video.read()
        if found:
            waiting.append(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
        if waiting and (len(waiting) == batch or not found):
            logits += judge(np.stack(waiting))
            waiting = []
        if not found:
            return logits


print(f"ready torch {torch.__version__}, OpenCV {cv2.__version__}", flush=True)
with torch.inference_mode():
    for line in sys.stdin:
        task = json.loads(line)
        if isinstance(task, dict):
            frames = np.fromfile(task["rgb"], np.uint8).reshape(-1, task["side"], task["side"], 3)
            print(json.dumps(judge(frames)), flush=True)
        else:
            used = time.process_time()
            frames = sum(len(judge_clip(path)) for path in task)
            print(json.dumps({"frames": frames, "processor": time.process_time() - used}), flush=True)
