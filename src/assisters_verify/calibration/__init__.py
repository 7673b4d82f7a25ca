"""How wrong the instrument is at a load: the generator's figures beside the log of a server whose timing is known."""

from assisters_verify.calibration.comparing import Calibration, Comparison, compare
from assisters_verify.calibration.running import calibrate
from assisters_verify.calibration.telling import calibration_lines

__all__ = ["Calibration", "Comparison", "calibrate", "calibration_lines", "compare"]
