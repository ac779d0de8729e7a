use crate::error::Error;
use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};
use tokio::process::Command;

/// What a small file system holds at first, in megabytes.
const SIZE: u64 = 256;
/// When less than this was free before it was filled, it is made larger by as much: what a long run keeps must find room.
const ROOM: u64 = 128;
/// What is written at a time to fill it.
const PIECE: usize = 1 << 20;

/// Where the data files lie: a small file system in memory that can be filled up, where the harness may mount one; else
/// a plain directory whose processes can be forbidden to let any file grow.
pub(crate) struct Disk {
    place: PathBuf,
    mounted: bool,
    /// In megabytes.
    size: AtomicU64,
}

impl Disk {
    pub(crate) async fn lay(place: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(place).map_err(|error| Error::at("make the data directory", error))?;
        Ok(Self {
            place: place.to_owned(),
            mounted: mount(place, &format!("size={SIZE}m,mode=700")).await,
            size: AtomicU64::new(SIZE),
        })
    }

    pub(crate) fn place(&self) -> &Path {
        &self.place
    }

    /// From now on nothing more can be written.
    pub(crate) async fn fill(&self, processes: &[u32]) -> Result<(), Error> {
        if !self.mounted {
            return self.limit(processes, "0").await;
        }
        let mut ballast = File::create(self.ballast()).map_err(|error| Error::at("fill the disk", error))?;
        // Pieces that get smaller, so that not even a small write finds room.
        for size in [PIECE, 4096, 512, 1] {
            let piece = vec![0; size];
            while ballast.write_all(&piece).is_ok() {}
        }
        Ok(())
    }

    /// There is room again.
    pub(crate) async fn free(&self, processes: &[u32]) -> Result<(), Error> {
        if !self.mounted {
            return self.limit(processes, "unlimited").await;
        }
        let failed = |error| Error::at("free the disk", error);
        let room = match std::fs::metadata(self.ballast()) {
            Ok(ballast) => ballast.len() >> 20,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(failed(error)),
        };
        std::fs::remove_file(self.ballast()).map_err(failed)?;
        if room < ROOM { self.grow().await } else { Ok(()) }
    }

    async fn grow(&self) -> Result<(), Error> {
        let size = self.size.fetch_add(ROOM, Ordering::Relaxed) + ROOM;
        match mount(&self.place, &format!("remount,size={size}m")).await {
            true => Ok(()),
            false => Err(Error::at(
                "give the disk more room",
                std::io::Error::other("mount -o remount failed"),
            )),
        }
    }

    fn ballast(&self) -> PathBuf {
        self.place.join("ballast")
    }

    /// Files that are longer than the limit cannot grow; the hard limit stays, so that it can be lifted again.
    async fn limit(&self, processes: &[u32], soft: &str) -> Result<(), Error> {
        for id in processes {
            // A process that has ended meanwhile is no trouble.
            Command::new("prlimit")
                .args(["--pid", &id.to_string(), &format!("--fsize={soft}:")])
                .stderr(std::process::Stdio::null())
                .status()
                .await
                .map_err(|error| Error::at("run prlimit (Debian: apt-get install util-linux)", error))?;
        }
        Ok(())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.mounted {
            let _ = std::process::Command::new("umount")
                .arg("--lazy")
                .arg(&self.place)
                .status();
        }
    }
}

async fn mount(place: &Path, options: &str) -> bool {
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", options, "torture"])
        .arg(place)
        .stderr(std::process::Stdio::null())
        .status();
    mounted.await.is_ok_and(|status| status.success())
}

/// How disks are made full on this machine.
pub(crate) async fn way_to_fill() -> &'static str {
    let mounted = match tempfile::tempdir() {
        Ok(place) => Disk::lay(place.path()).await.is_ok_and(|disk| disk.mounted),
        Err(_) => false,
    };
    match mounted {
        true => "a small tmpfs that is filled to its last byte",
        false => "processes whose files may not grow (RLIMIT_FSIZE): a file system cannot be mounted here",
    }
}
