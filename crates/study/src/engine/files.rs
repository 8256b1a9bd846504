//! Files that are either there whole or not there at all.

use std::fs;
use std::io::Write;
use std::path::Path;

/// Writes `bytes` under a temporary name in the same folder, then renames.
///
/// A reader sees the old file or the new one, never a part; a killed process leaves at most a temporary file.
/// Contents that matter are checked against their hash when they are read, so a power cut that outruns the disk
/// is noticed too; it is not prevented here, because flushing a hundred files would take longer than a run.
pub fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    write(path, bytes, |_| Ok(()))
}

/// As [`write_whole`], and on the disk before it gets its name: for the few files that nothing can recompute.
pub fn write_durable(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    write(path, bytes, fs::File::sync_all)
}

fn write(
    path: &Path,
    bytes: &[u8],
    finish: impl FnOnce(&fs::File) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let folder = path
        .parent()
        .filter(|f| !f.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new()
        .prefix(".part-")
        .permissions(ordinary())
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    finish(file.as_file())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Readable by others, as files made without a detour are.
fn ordinary() -> fs::Permissions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::Permissions::from_mode(0o644)
    }
}
