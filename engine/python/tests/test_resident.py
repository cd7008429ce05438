import asyncio

import pytest

from ai_engine.models.model import Model, ModelError
from ai_engine.models.registry import ModelRegistry
from ai_engine.models.resident import Resident
from tests.fake_model import FAKE, FakeModel, Loader, until


def resident(load: Loader, idle_s: float | None = None) -> Resident:
    return Resident(FAKE, load.load, lambda: 1.0, idle_s)


def count(model: Model) -> int:
    return model.embed(["a"])[1]


def test_who_comes_during_a_load_shares_it() -> None:
    async def scenario() -> None:
        load = Loader()
        load.go_on.clear()
        one = resident(load)
        running = [asyncio.create_task(one.run(count)) for _ in range(10)]
        await until(lambda: load.loads == 1)
        assert one.state == "loading"
        load.go_on.set()
        assert await asyncio.gather(*running) == [1] * 10
        assert (load.loads, one.state) == (1, "loaded")

    asyncio.run(scenario())


def test_who_leaves_during_a_load_does_not_stop_it() -> None:
    async def scenario() -> None:
        load = Loader()
        load.go_on.clear()
        one = resident(load)
        leaving = asyncio.create_task(one.run(count))
        staying = asyncio.create_task(one.run(count))
        await asyncio.sleep(0)
        leaving.cancel()
        load.go_on.set()
        assert await staying == 1
        assert load.loads == 1

    asyncio.run(scenario())


def test_a_failed_load_is_told_to_all_who_wait_and_tried_again_by_the_next() -> None:
    async def scenario() -> None:
        load = Loader()
        load.failure = "it is odd"
        one = resident(load)
        found = await asyncio.gather(*(one.run(count) for _ in range(3)), return_exceptions=True)
        assert [str(error) for error in found] == ["it is odd"] * 3
        assert (load.loads, one.state) == (1, "unloaded")
        load.failure = None
        assert await one.run(count) == 1
        assert load.loads == 2

    asyncio.run(scenario())


def test_an_unload_gives_the_model_up_and_the_next_use_loads_it_again() -> None:
    async def scenario() -> None:
        load = Loader()
        one = resident(load)
        assert await one.unload() is False
        await one.run(count)
        assert await one.unload() is True
        assert load.loaded[0].is_closed
        assert (one.state, one.model) == ("unloaded", None)
        await one.run(count)
        assert load.loads == 2

    asyncio.run(scenario())


def test_a_model_in_use_is_not_unloaded() -> None:
    async def scenario() -> None:
        load = Loader()
        one = resident(load)
        model = await one.get()
        assert isinstance(model, FakeModel)
        model.go_on.clear()
        running = asyncio.create_task(one.run(count))
        await until(lambda: bool(model.chunks))
        running.cancel()  # the thread works on all the same
        with pytest.raises(ModelError, match="in use"):
            await one.unload()
        model.go_on.set()
        await until(lambda: one.runs == 1)
        assert await one.unload() is True

    asyncio.run(scenario())


def test_a_quiet_model_is_unloaded_after_its_idle_time() -> None:
    async def scenario() -> None:
        load = Loader()
        one = resident(load, idle_s=0.02)
        for loads in (1, 2):
            assert await one.run(count) == 1
            assert load.loads == loads
            await until(lambda: one.state == "unloaded")
            assert load.loaded[-1].is_closed

    asyncio.run(scenario())


def test_a_registry_finds_by_name_in_any_case_and_the_only_one_without() -> None:
    registry = ModelRegistry([FAKE], load=Loader().load, monotonic=lambda: 0.0)
    assert registry.find("FAKE").spec is FAKE
    assert registry.find(None).spec is FAKE
    for name, status in (("other", 404), (5, 400), ([], 400)):
        with pytest.raises(ModelError) as raised:
            registry.find(name)
        assert raised.value.status == status
    with pytest.raises(ModelError) as raised:
        ModelRegistry([], load=Loader().load, monotonic=lambda: 0.0).find(None)
    assert raised.value.status in (400, 404)
