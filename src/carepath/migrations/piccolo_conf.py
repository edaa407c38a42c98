"""Piccolo's entry point; it shares the engine that the product uses."""

from piccolo.conf.apps import AppRegistry

from carepath.kit.db import DB

__all__ = ["APP_REGISTRY", "DB"]

APP_REGISTRY = AppRegistry(apps=["carepath.migrations.piccolo_app"])
