from typing import Any

import pytest

from assisters_verify.exact import ExactOptions


@pytest.mark.parametrize(
    "options", [{"gap_s": -1.0}, {"tokens": 0}, {"stall_s": 3.0, "stall_every_s": 2.0}, {"certificate_file": "a.pem"}]
)
def test_what_cannot_be_kept_to_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"negative|does not fit|together"):
        ExactOptions(**options)
