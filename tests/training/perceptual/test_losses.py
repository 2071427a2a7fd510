from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from irrm_core.training.perceptual import (
    AdversarialLoss,
    RelativisticGAN,
    VanillaGAN,
    contextual_loss,
    feature_l1,
)

SEEDS = st.integers(0, 2**32 - 1)
GAMES = [RelativisticGAN(), VanillaGAN()]


def drawn(seed: int, *shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def probability(logits: Tensor) -> Tensor:
    return torch.sigmoid(logits)


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_ragan_is_its_equations(seed: int) -> None:
    real, fake = drawn(seed, 5), drawn(seed + 1, 5)
    more_real = probability(real - fake.mean())
    less_real = probability(fake - real.mean())
    judge = -more_real.log().mean() - (1 - less_real).log().mean()
    network = -(1 - more_real).log().mean() - less_real.log().mean()
    game = RelativisticGAN()
    torch.testing.assert_close(game.discriminator(real, fake), judge)
    torch.testing.assert_close(game.generator(real, fake), network)


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.floats(-50, 50))
def test_ragan_is_one_game_with_the_parts_exchanged_and_knows_no_absolute_realness(
    seed: int, shift: float
) -> None:
    real, fake = drawn(seed, 6), drawn(seed + 1, 6)
    game = RelativisticGAN()
    torch.testing.assert_close(game.generator(real, fake), game.discriminator(fake, real))
    torch.testing.assert_close(
        game.discriminator(real + shift, fake + shift),
        game.discriminator(real, fake),
        atol=1e-4,
        rtol=1e-4,
    )


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_the_vanilla_game_is_its_equations(seed: int) -> None:
    real, fake = drawn(seed, 5), drawn(seed + 1, 5)
    judge = -probability(real).log().mean() - (1 - probability(fake)).log().mean()
    game = VanillaGAN()
    torch.testing.assert_close(game.discriminator(real, fake), judge)
    torch.testing.assert_close(game.generator(real, fake), -probability(fake).log().mean())


@pytest.mark.parametrize("game", GAMES)
def test_a_judge_that_cannot_tell_pays_two_bits_and_one_that_can_pays_nothing(
    game: AdversarialLoss,
) -> None:
    zero = torch.zeros(4)
    assert float(game.discriminator(zero, zero)) == pytest.approx(2 * math.log(2))
    assert float(game.discriminator(zero + 1e4, zero - 1e4)) == 0
    assert math.isfinite(float(game.generator(zero + 1e4, zero - 1e4)))


@pytest.mark.parametrize("game", GAMES)
def test_each_side_pulls_the_restored_its_own_way(game: AdversarialLoss) -> None:
    real, fake = drawn(0, 8), drawn(1, 8).requires_grad_()
    (up,) = torch.autograd.grad(game.generator(real, fake), fake)
    (down,) = torch.autograd.grad(game.discriminator(real, fake), fake)
    assert bool((up < 0).all())
    assert bool((down > 0).all())


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.integers(2, 6), st.integers(2, 6))
def test_context_is_zero_for_equal_features_and_at_most_the_log_of_their_number(
    seed: int, height: int, width: int
) -> None:
    features = drawn(seed, 2, 32, height, width)
    most = math.log(height * width)
    assert float(contextual_loss(features, features)) == pytest.approx(0, abs=1e-3)
    other = float(contextual_loss(drawn(seed + 1, 2, 32, height, width), features))
    assert 0 <= other <= most + 1e-5
    assert other > 0.05 * most


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_context_does_not_see_where_features_stand(seed: int) -> None:
    x, y = drawn(seed, 1, 16, 4, 5), drawn(seed + 1, 1, 16, 4, 5)
    order = torch.randperm(20, generator=torch.Generator().manual_seed(seed))
    shuffled = x.flatten(2)[:, :, order].view_as(x)
    torch.testing.assert_close(contextual_loss(shuffled, y), contextual_loss(x, y))
    torch.testing.assert_close(
        contextual_loss(x, y.flatten(2)[:, :, order].view_as(y)), contextual_loss(x, y)
    )
    displaced = y.flatten(2)[:, :, order].view_as(y)
    assert float(contextual_loss(displaced, y)) == pytest.approx(0, abs=1e-3)


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.floats(0.1, 10))
def test_context_does_not_see_how_strong_all_features_are(seed: int, gain: float) -> None:
    x, y = drawn(seed, 1, 16, 4, 4), drawn(seed + 1, 1, 16, 4, 4)
    torch.testing.assert_close(
        contextual_loss(gain * x, gain * y), contextual_loss(x, y), atol=1e-4, rtol=1e-4
    )


def test_context_of_features_that_all_are_alike_is_the_log_of_their_number() -> None:
    flat = torch.ones(1, 8, 3, 3)
    assert float(contextual_loss(flat, drawn(0, 1, 8, 3, 3))) == pytest.approx(math.log(9))
    assert math.isfinite(float(contextual_loss(flat, flat)))


@pytest.mark.parametrize("loss", [contextual_loss, feature_l1])
def test_following_a_feature_loss_brings_features_together(loss) -> None:  # type: ignore[no-untyped-def]
    wanted = drawn(0, 1, 16, 4, 4)
    x = drawn(1, 1, 16, 4, 4).requires_grad_()
    optimiser = torch.optim.Adam([x], lr=0.05)
    first = float(loss(x, wanted).detach())
    for _ in range(60):
        optimiser.zero_grad()
        loss(x, wanted).backward()
        optimiser.step()
    assert float(loss(x, wanted).detach()) < 0.3 * first
