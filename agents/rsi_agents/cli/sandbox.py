# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`rsi sandbox`: look after what the sandboxes need and what they left."""

from __future__ import annotations

from typing import Annotated

import typer

import rsi_sandboxes
from rsi_agents.cli.output import Json, print_json

sandbox = typer.Typer(help="Build sandbox images and remove leftovers.", no_args_is_help=True)
images = typer.Typer(help="Build the images that sandboxes start from.", no_args_is_help=True)
sandbox.add_typer(images, name="images")


@sandbox.command("reap", epilog="Example: rsi sandbox reap")
def reap(json: Json = False) -> None:
    """Remove sandboxes whose owner is gone or whose deadline has passed."""
    removed = rsi_sandboxes.reap()
    if json:
        print_json({"removed": removed})
        return
    for name in removed:
        typer.echo(name)
    typer.echo(f"removed {len(removed)} leftover{'' if len(removed) == 1 else 's'}")


@images.command("build", epilog="Example: rsi sandbox images build languages --air-gapped")
def build(
    image: Annotated[str, typer.Argument(help="Which image to build: python or languages.")] = "python",
    air_gapped: Annotated[
        bool, typer.Option("--air-gapped", help="Build the base from Debian packages, without an image registry.")
    ] = False,
    json: Json = False,
) -> None:
    """Build an image for the Docker sandbox."""

    def show(line: str) -> None:
        if not json:
            typer.echo(line.rstrip(), err=True)

    tag = rsi_sandboxes.build_image(image, air_gapped=air_gapped, progress=show)
    if json:
        print_json({"image": tag})
    else:
        typer.echo(f"built {tag}")
