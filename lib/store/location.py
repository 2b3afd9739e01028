"""Where a database must not lie: on a network drive, or in a folder that a service keeps in sync.

File locks are unreliable on network drives, and a sync service puts back older files under an open database.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path, PurePath

from lib.errors import StoreUnavailable

#: Kinds of file systems that reach over a network, as Linux and macOS name them.
NETWORK_KINDS = frozenset({
    "nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "afs", "webdav", "davfs", "davfs2", "fuse.davfs2", "ncpfs",
    "fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.gvfsd-fuse", "fuse.smbnetfs", "ceph", "fuse.ceph", "glusterfs",
    "fuse.glusterfs", "lustre", "vboxsf", "prl_fs", "fuse.vmhgfs-fuse", "fuse.onedriver",
})  # fmt: skip

#: Beginning of a folder's name, lower case → the service that fills it.
SYNCED_NAMES: Mapping[str, str] = {
    "onedrive": "OneDrive",
    "dropbox": "Dropbox",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
    "my drive": "Google Drive",
    "iclouddrive": "iCloud",
    "icloud drive": "iCloud",
    "mobile documents": "iCloud",
    "cloudstorage": "CloudStorage",
    "nutstore": "坚果云 Nutstore",
    "我的坚果云": "坚果云 Nutstore",
    "坚果云": "坚果云 Nutstore",
    "baidusyncdisk": "百度网盘 Baidu",
    "百度网盘同步空间": "百度网盘 Baidu",
    "wps云盘": "WPS 云盘",
    "wpsdrive": "WPS 云盘",
    "synologydrive": "Synology Drive",
}

#: A name may go on after these: "OneDrive - 某公司", "Dropbox (Work)", "OneDrive-Personal".
_GOES_ON = (" ", "-", "(", "_", "（")

#: Variables that name a synced folder (Windows sets them).
_SYNCED_VARIABLES = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")

_WINDOWS_REMOTE = 4  # DRIVE_REMOTE of GetDriveTypeW

_MOUNTS = Path("/proc/self/mountinfo")


def refuse_shared(folder: Path) -> None:
    """Raises StoreUnavailable: "store_network", "store_synced"."""
    here = Path(os.path.realpath(folder))
    if _is_network(here):
        raise StoreUnavailable("store_network", folder=str(folder))
    service = synced_by(folder, os.environ) or synced_by(here, os.environ)
    if service:
        raise StoreUnavailable("store_synced", folder=str(folder), service=service)


def synced_by(folder: PurePath, environment: Mapping[str, str]) -> str | None:
    """The service that keeps this folder in sync, by the names on its path; None for none that is known."""
    for variable in _SYNCED_VARIABLES:
        named = environment.get(variable)
        if named and folder.is_relative_to(named):
            return "OneDrive"
    for part in folder.parts:
        name = part.casefold()
        for begin, service in SYNCED_NAMES.items():
            if name == begin or (name.startswith(begin) and name[len(begin)] in _GOES_ON):
                return service
    return None


def _is_network(folder: Path) -> bool:
    """Whether the folder, which need not exist yet, lies on a network drive. A system that cannot tell says no."""
    if sys.platform == "win32":
        return _is_remote_on_windows(folder)
    if _MOUNTS.exists():
        mounts = linux_mounts(_MOUNTS.read_text(encoding="utf-8", errors="surrogateescape"))
    elif sys.platform == "darwin":
        listed = subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=False, timeout=10)
        mounts = macos_mounts(listed.stdout)
    else:
        return False
    return kind_of(folder, mounts) in NETWORK_KINDS


def kind_of(folder: PurePath, mounts: Mapping[str, str]) -> str:
    """Kind of the file system that holds the folder: that of the longest mount point above it. "" where none is."""
    above = [place for place in mounts if folder.is_relative_to(place)]
    return mounts[max(above, key=lambda place: len(PurePath(place).parts))] if above else ""


def linux_mounts(text: str) -> dict[str, str]:
    """Mount point → kind, from /proc/self/mountinfo (proc(5)); a later mount hides an earlier one."""
    found = {}
    for line in text.splitlines():
        left, _, right = line.partition(" - ")
        if right and len(left.split()) > 4:
            found[_unescaped(left.split()[4])] = right.split()[0]
    return found


def _unescaped(text: str) -> str:
    """Space, tab, newline and backslash stand as octal numbers there."""
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return text


def macos_mounts(text: str) -> dict[str, str]:
    """Mount point → kind, from mount(8): "//host/share on /Volumes/share (smbfs, nodev)"."""
    found = {}
    for line in text.splitlines():
        _, _, rest = line.partition(" on ")
        place, opened, options = rest.rpartition(" (")
        if opened:
            found[place] = options.split(",")[0].strip(" )")
    return found


def is_share(drive: str) -> bool:
    r"""Whether a drive of Windows is \\server\share; \\?\C: is a long way to write C:."""
    return drive.startswith("\\\\") and (not drive.startswith("\\\\?\\") or drive[4:7].upper() == "UNC")


def _is_remote_on_windows(folder: Path) -> bool:
    import ctypes

    return is_share(folder.drive) or ctypes.windll.kernel32.GetDriveTypeW(folder.anchor) == _WINDOWS_REMOTE  # type: ignore[attr-defined]  # Windows
