//! A drive with little room, whatever the folder it is mounted on says.

use volume::FsDisk;

/// A drive on which a mebibyte is free.
#[derive(Debug)]
pub(crate) struct Small(pub(crate) FsDisk);

impl volume::Disk for Small {
    fn space(&self) -> std::io::Result<volume::Space> {
        // What is kept free of it, and a mebibyte.
        let free = types::Bytes(plan::emergency::DRIVE_RESERVE.0 * 201 / 200 + (1 << 20));
        Ok(volume::Space { total: free, free })
    }
    fn create_new(&self, path: &str) -> std::io::Result<Box<dyn volume::DiskFile>> {
        self.0.create_new(path)
    }
    fn open(&self, path: &str) -> std::io::Result<Box<dyn volume::DiskFile>> {
        self.0.open(path)
    }
    fn rename(&self, from: &str, to: &str) -> std::io::Result<()> {
        self.0.rename(from, to)
    }
    fn unlink(&self, path: &str) -> std::io::Result<()> {
        self.0.unlink(path)
    }
    fn make_dir(&self, path: &str) -> std::io::Result<()> {
        self.0.make_dir(path)
    }
    fn sync_dir(&self, path: &str) -> std::io::Result<()> {
        self.0.sync_dir(path)
    }
    fn sync_all(&self) -> std::io::Result<()> {
        self.0.sync_all()
    }
    fn list(&self, path: &str) -> std::io::Result<Vec<volume::Listed>> {
        self.0.list(path)
    }
    fn serial(&self) -> String {
        self.0.serial()
    }
    fn label(&self) -> String {
        self.0.label()
    }
    fn try_lock(&self) -> std::io::Result<bool> {
        self.0.try_lock()
    }
    fn read_only(&self) -> bool {
        self.0.read_only()
    }
}
