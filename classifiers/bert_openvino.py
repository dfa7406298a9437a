"""The encoder as an OpenVINO graph, built from the shipped weights in under a second; PyTorch is not needed."""

from __future__ import annotations

import sys
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from classifiers.batches import Run, threads
from classifiers.bert import LAYER, Bert, read_bert

if TYPE_CHECKING:
    from classifiers.backends import Precision

UNSEEN = -1e4  # added to the attention a padding token would get; its exponential is 0 in either format


def load_openvino(folder: Path, precision: Precision) -> Run:
    """Build and compile the encoder; each of its requests runs on one thread."""
    # OpenVINO's Python package sets up its telemetry when it is imported, unless that package is missing.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None is how Python says "missing"
    import openvino

    compiled = openvino.Core().compile_model(
        _graph(read_bert(folder)),
        "CPU",
        {
            "INFERENCE_PRECISION_HINT": "bf16" if precision == "bfloat16" else "f32",
            "NUM_STREAMS": str(threads()),
            "INFERENCE_NUM_THREADS": str(threads()),
            "ENABLE_CPU_PINNING": "NO",  # another run on the machine would be pinned to the same cores
        },
    )
    idle: SimpleQueue[Any] = SimpleQueue()
    for _ in range(threads()):
        idle.put(compiled.create_infer_request())

    def run(ids: NDArray[np.int64], mask: NDArray[np.int64], tokens: bool) -> NDArray[np.float32]:
        request = idle.get()
        try:
            request.infer([ids.astype(np.int32), mask.astype(np.int32)])
            return np.array(request.get_output_tensor(int(tokens)).data)  # a copy: the request is used again
        finally:
            idle.put(request)

    return run


def _graph(bert: Bert) -> Any:
    """Return the network as an OpenVINO model: ids and mask (rows, length) in, vectors and tokens out."""
    import openvino
    from openvino import opset13 as op

    weights, heads, width = bert.weights, bert.heads, bert.width

    def numbers(*values: int) -> Any:
        return op.constant(np.array(values, np.int64))

    def number(value: int) -> Any:
        return op.constant(np.int64(value))

    def array(name: str) -> Any:
        return op.constant(weights[name])

    def linear(x: Any, name: str) -> Any:
        return op.add(op.matmul(x, array(f"{name}.weight"), False, True), array(f"{name}.bias"))

    def norm(x: Any, name: str) -> Any:
        even = op.mvn(x, numbers(-1), True, bert.epsilon, "inside_sqrt")
        return op.add(op.multiply(even, array(f"{name}.weight")), array(f"{name}.bias"))

    ids, mask = (op.parameter([-1, -1], np.int32, name=name) for name in ("ids", "mask"))
    length = op.gather(op.shape_of(ids), numbers(1), number(0))
    places = op.slice(
        array("embeddings.position_embeddings.weight"), numbers(0), length, numbers(1), numbers(0)
    )
    words = op.gather(array("embeddings.word_embeddings.weight"), ids, number(0))
    kind = op.constant(weights["embeddings.token_type_embeddings.weight"][0])
    x = norm(op.add(op.add(words, kind), places), "embeddings.LayerNorm")
    seen = op.convert(mask, "f32")
    unseen = op.multiply(
        op.subtract(op.constant(np.float32(1)), op.unsqueeze(seen, numbers(1, 2))),
        op.constant(np.float32(UNSEEN)),
    )
    for layer in range(bert.layers):
        at = f"{LAYER}{layer}."
        query, key, value = (
            op.transpose(
                op.reshape(
                    linear(x, f"{at}attention.self.{part}"), numbers(0, 0, heads, width // heads), True
                ),
                numbers(0, 2, 1, 3),
            )
            for part in ("query", "key", "value")
        )
        looked = op.transpose(op.scaled_dot_product_attention(query, key, value, unseen), numbers(0, 2, 1, 3))
        looked = linear(op.reshape(looked, numbers(0, 0, width), True), f"{at}attention.output.dense")
        x = norm(op.add(looked, x), f"{at}attention.output.LayerNorm")
        wide = op.gelu(linear(x, f"{at}intermediate.dense"), "erf")
        x = norm(op.add(linear(wide, f"{at}output.dense"), x), f"{at}output.LayerNorm")
    counted = op.unsqueeze(seen, numbers(-1))
    mean = op.divide(op.reduce_sum(op.multiply(x, counted), numbers(1)), op.reduce_sum(counted, numbers(1)))
    vectors = op.normalize_l2(mean, numbers(-1), 1e-24, "max")
    return openvino.Model([vectors.output(0), x.output(0)], [ids, mask])
