"""The measurement runs and says what it documents; how fast is for ``make bench``."""

from __future__ import annotations

import json
import math

import pytest
import torch

from irrm_core.benchmark import architecture_model, benchmark
from irrm_core.benchmark import contestants as told
from irrm_core.cli.app import main
from irrm_core.errors import UsageError

KEYS = {"model", "size", "device", "threads", "repeat", "plain", "difference", "speeds"}
SPEED = {
    "path",
    "downscale",
    "restore",
    "downscale_gain",
    "restore_gain",
    "peak_memory",
}


def test_the_command_prints_the_documented_json(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["bench", "--architecture", "firn-x4", "--architecture", "irrm-s-x4"]
    arguments += ["--size", "32x48", "--repeat", "1", "--device", "cpu", "--json"]
    assert main(arguments) == 0
    results = json.loads(capsys.readouterr().out)["results"]
    assert [result["model"] for result in results] == ["firn-x4@1", "irrm-s-x4@1"]
    for result in results:
        assert set(result) == KEYS
        assert result["size"] == [32, 48]
        assert [speed["path"] for speed in result["speeds"]] == ["auto", "fp32", "plain"]
        for speed in result["speeds"]:
            assert set(speed) == SPEED
            assert speed["downscale"] > 0
            assert speed["restore"] > 0
        assert result["speeds"][-1]["downscale_gain"] == 1


def test_the_command_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["bench", "--architecture", "firn-x4", "--size", "16x16", "--repeat", "1"]
    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert "firn-x4@1" in out
    assert "plain" in out


def test_irn_is_compared_with_the_plain_form_of_the_repository() -> None:
    found = benchmark(architecture_model("irn-x4"), (64, 32), device="cpu", repeat=1)
    assert found.plain == "benchmarks/plain_irn.py"
    # Below what rounding allows, and above what comparing a thing with itself would give.
    assert 0 < found.difference < 1e-4


def test_without_the_repository_a_network_is_compared_with_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(told, "PLAIN_IRN", told.PLAIN_IRN / "not-there")
    found = benchmark(architecture_model("irn-x2"), (16, 16), device="cpu", repeat=1)
    assert found.plain == "irrm_core.networks"
    assert found.difference < 1e-4


def test_weights_of_an_architecture_are_fixed_and_never_all_zero() -> None:
    first, second = architecture_model("irn-x4"), architecture_model("irn-x4")
    assert first.card.weights_hash == second.card.weights_hash
    assert all(bool(p.any()) for p in first.network.parameters())
    x = torch.rand(1, 3, 16, 16)
    lr, latent = first.network.downscale(x)
    assert not torch.allclose(lr, torch.nn.functional.avg_pool2d(x, 4), atol=1e-4)
    assert math.isfinite(float(latent.abs().max()))


@pytest.mark.parametrize(
    "arguments",
    [
        ["--architecture", "irn-x5"],
        ["--architecture", "irn-x4", "--size", "30x32"],
        ["--architecture", "irn-x4", "--size", "large"],
    ],
)
def test_arguments_that_cannot_be_are_refused_in_one_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", *arguments]) == UsageError.exit_code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.strip().splitlines()) == 1
