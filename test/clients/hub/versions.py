"""What differs between the supported releases of huggingface_hub."""

import huggingface_hub

VERSION = tuple(int(part) for part in huggingface_hub.__version__.split(".")[:2] if part.isdigit())

try:
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        HfHubHTTPError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )
except ImportError:
    from huggingface_hub.utils import (  # noqa: F401
        EntryNotFoundError,
        GatedRepoError,
        HfHubHTTPError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

BadRequestError = getattr(huggingface_hub.errors if hasattr(huggingface_hub, "errors") else huggingface_hub.utils, "BadRequestError")


def status_of(error):
    """The HTTP status behind an exception of the client."""
    return error.response.status_code
