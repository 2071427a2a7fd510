"""Names that no one means to keep: what systems, editors and transfers leave while they work."""

from __future__ import annotations

import re

_JUNK = re.compile(
    rb"""
      \.ds_store | thumbs\.db | ehthumbs\.db | desktop\.ini | \._.*     # systems
    | ~\$.* | .*~ | \.\#.* | \#.*\# | \..*\.sw[a-p] | 4913 | .*\.bak    # editors
    | .*\.(?: part | partial | crdownload | download | filepart | opdownload | tmp | temp | swp )
    | \.syncthing\..*\.tmp | ~syncthing~.*\.tmp                         # transfers
    | \..+\.[a-z0-9]{6}                                                 # rsync
    | \.(?: fuse_hidden | nfs)[0-9a-f]+ | \.goutputstream-.* | \.~lock\..*\# | \.~tmp~
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def is_junk(name: bytes) -> bool:
    """Return whether a file of this name is a leftover, or will have another name when whole."""
    return _JUNK.fullmatch(name) is not None
