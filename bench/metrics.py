"""scikit-learn's side of bench/metrics.ts. Reads {"scores": path of float64, "fake": path of uint8} per line and answers with the AUC, its seconds and the processor's."""
import json
import sys
import time

import numpy as np
import sklearn
from sklearn.metrics import roc_auc_score

print(f"ready scikit-learn {sklearn.__version__}", flush=True)
for line in sys.stdin:
    task = json.loads(line)
    scores, fake = np.fromfile(task["scores"], np.float64), np.fromfile(task["fake"], np.uint8)
    start, used = time.perf_counter(), time.process_time()
    auc = roc_auc_score(fake, scores)
    times = {"seconds": time.perf_counter() - start, "processor": time.process_time() - used}
    print(json.dumps({"auc": auc, **times}), flush=True)
