"""Uploads or downloads one file as a user of huggingface_hub does, and prints the seconds that the call took.

usage: hub_client.py upload <repo> <file> | download <repo> <name> <folder>
"""

import sys
import time

from huggingface_hub import HfApi, hf_hub_download


def main() -> None:
    command, repo, *rest = sys.argv[1:]
    start = time.monotonic()
    if command == "upload":
        (path,) = rest
        HfApi().upload_file(path_or_fileobj=path, path_in_repo=path.rsplit("/", 1)[-1], repo_id=repo)
    elif command == "download":
        name, folder = rest
        hf_hub_download(repo, name, local_dir=folder)
    else:
        raise SystemExit(__doc__)
    print(time.monotonic() - start)


main()
