"""The content is found where it lies."""

from assisters_verify.content import content_root


def test_content_is_there() -> None:
    root = content_root()
    assert [
        name
        for name in ("spec/clauses.yaml", "spec/openapi.yaml", "conformance/pytest.ini", "reports/results.schema.json")
        if not (root / name).is_file()
    ] == []
