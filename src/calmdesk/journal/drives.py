"""Whether a folder is on a network drive, as far as this machine tells: locks and saves there depend on a server."""

from __future__ import annotations

import os
import sys

_NETWORK = {
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "afpfs", "ceph", "glusterfs", "lustre", "ncpfs", "webdav",
    "fuse.sshfs", "fuse.davfs", "fuse.rclone", "fuse.glusterfs", "fuse.gvfsd-fuse", "beegfs", "gpfs", "prl_fs",
}  # fmt: skip


def find_network_drive(folder: str, mounts: str = "/proc/self/mountinfo") -> str:
    """The kind of network drive a folder is on, or nothing where it is on this machine (or nobody knows)."""
    if sys.platform == "win32":
        return "network drive" if _is_remote_on_windows(folder) else ""
    try:
        with open(mounts, encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().splitlines()
    except OSError:
        return ""
    path, best, kind = os.path.realpath(folder), "", ""
    for line in lines:
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        point = fields[4].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, after.split(" ")[0]
    return kind if kind in _NETWORK else ""


def _is_remote_on_windows(folder: str) -> bool:
    path = os.path.abspath(folder)
    if path.startswith("\\\\"):
        return True
    if sys.platform == "win32":
        import ctypes

        drive = os.path.splitdrive(path)[0] + "\\"
        return bool(ctypes.windll.kernel32.GetDriveTypeW(drive) == 4)
    return False
