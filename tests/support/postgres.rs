//! A PostgreSQL server of a test's own: Debian's package `postgresql`, on loopback, in a folder below `target`.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// How often a server is started until it has a port: another process may take the one that was free.
const TRIES: usize = 10;

/// A server; it ends when it is dropped.
pub(crate) struct PostgresServer {
    server: Option<Child>,
    pub(crate) port: u16,
    programs: PathBuf,
    folder: TempDir,
    options: Vec<String>,
}

impl PostgresServer {
    /// Starts a server with settings such as `ssl=on`. What is committed need not survive the machine.
    pub(crate) fn start(options: &[&str]) -> Self {
        let below = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
        let folder = TempDir::with_prefix_in("postgres-", below).expect("a folder");
        let mut server = Self {
            server: None,
            port: 0,
            programs: programs(),
            folder,
            options: options.iter().map(|option| (*option).to_owned()).collect(),
        };
        Self::give_away(server.folder.path());
        let arguments =
            ["--pgdata", server.data().to_str().expect("UTF-8"), "--username=wortlaut"].map(str::to_owned);
        let made = server
            .unprivileged("initdb")
            .args(arguments)
            .args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"])
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        server.resume();
        server
    }

    /// The folder of the server, which its user may read.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Starts it, at the same port if it had one.
    pub(crate) fn resume(&mut self) {
        for _ in 0..TRIES {
            if self.port == 0 {
                let free = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
                self.port = free.expect("a port").port();
            }
            if self.try_start() {
                return;
            }
            self.port = 0;
        }
        panic!("no PostgreSQL server came up");
    }

    fn try_start(&mut self) -> bool {
        let mut command = self.unprivileged("postgres");
        command.arg("-D").arg(self.data()).arg("-p").arg(self.port.to_string());
        for option in ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"] {
            command.args(["-c", option]);
        }
        for option in &self.options {
            command.args(["-c", option]);
        }
        let mut server = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("postgres runs");
        let log = BufReader::new(server.stderr.take().expect("piped"));
        let mut lines = log.lines().map_while(Result::ok);
        let is_ready = lines.any(|line| line.contains("ready to accept connections"));
        if !is_ready {
            server.wait().expect("ended");
            return false;
        }
        // A full pipe would hold the server up.
        std::thread::spawn(move || lines.for_each(drop));
        self.server = Some(server);
        true
    }

    /// Stops it as a machine does that goes down in order: connections are broken.
    pub(crate) fn stop(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        let stopped = Command::new("kill").args(["-INT", &server.id().to_string()]).status();
        assert!(stopped.expect("kill runs").success());
        server.wait().expect("ended");
    }

    /// The address of a database that everybody may use.
    pub(crate) fn address(&self) -> String {
        format!("postgres://wortlaut@127.0.0.1:{}/postgres", self.port)
    }

    /// Runs SQL, and gives what it finds: a line a row, columns separated by `|`.
    pub(crate) fn sql(&self, sql: &str) -> String {
        let mut psql = Command::new(self.programs.join("psql"))
            .args(["--quiet", "--tuples-only", "--no-align", "--no-psqlrc", "--set=ON_ERROR_STOP=1"])
            .arg(self.address())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("psql runs");
        psql.stdin.take().expect("piped").write_all(sql.as_bytes()).expect("written");
        let found = psql.wait_with_output().expect("ended");
        assert!(found.status.success(), "{sql}");
        String::from_utf8(found.stdout).expect("UTF-8").trim().to_owned()
    }

    /// Lets the user of the server have a file or folder.
    pub(crate) fn give_away(path: &Path) {
        if is_root() {
            let (user, group) = unprivileged_user();
            chown(path, Some(user), Some(group)).expect("given away");
        }
    }

    /// A program of the server, which refuses to be run by root.
    fn unprivileged(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        if !is_root() {
            return Command::new(program);
        }
        let (user, group) = unprivileged_user();
        let mut command = Command::new("setpriv");
        command.args([&format!("--reuid={user}"), &format!("--regid={group}")]);
        // Killed with the test that started it.
        command.args(["--clear-groups", "--pdeathsig=INT"]).arg(program).current_dir("/");
        command
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The folder of the newest server that is installed.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.retain(|folder| folder.join("postgres").is_file());
    folders.sort();
    folders.pop().expect("PostgreSQL is installed: apt-get install postgresql")
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|this| this.uid() == 0)
}

/// The user that the package has made for servers.
fn unprivileged_user() -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").expect("read");
    let user = users.lines().find(|line| line.starts_with("postgres:")).expect("the user of the package");
    let numbers: Vec<u32> =
        user.split(':').skip(2).take(2).filter_map(|number| number.parse().ok()).collect();
    (numbers[0], numbers[1])
}
