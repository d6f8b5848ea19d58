"""Asks hf_xet, offline.

hash   FILE…         prints a JSON list with the hash of each file
upload FOLDER FILE…  uploads the files to a local store in FOLDER: xorbs and a shard, as they would go to a server
"""

import json
import sys

import hf_xet

command, *arguments = sys.argv[1:]
if command == "hash":
    answers = hf_xet.hash_files(arguments)
    assert len(answers) == len(arguments)
    print(json.dumps([answer.hash for answer in answers]))
elif command == "upload":
    folder, *files = arguments
    hf_xet.upload_files(files, f"local://{folder}", None, None, None, None)
else:
    sys.exit(f"unknown command {command}")
