"""Orders and reports cross to the other interpreter unchanged."""

from __future__ import annotations

from modelward.pipeline.sandbox.order import Destination, Mount, Observation, Order, Report


def test_order_comes_back_equal() -> None:
    order = Order(
        "/bin/true",
        ["true"],
        "/w",
        {"A": "1"},
        True,
        False,
        "/r",
        "/p",
        mounts=[Mount("/a", "/a", "read")],
        destinations=[Destination("h", 1, "127.0.0.2")],
        limits={7: 100},
    )
    assert Order.from_bytes(order.to_bytes()) == order


def test_report_comes_back_equal() -> None:
    report = Report(status=256, left=2, observation=Observation(places={"base": 3}, refused=["/x"]))
    assert Report.from_bytes(report.to_bytes()) == report
