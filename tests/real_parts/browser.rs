//! Chromium, driven by its own driver.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// How long something in a page is waited for before the test gives up: far longer than it ever takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often the driver is started until it has a port.
const TRIES: usize = 10;

/// How a browser looks at pages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BrowserLook {
    /// The size of the window with its frame.
    pub(crate) window: [u32; 2],
    pub(crate) is_dark: bool,
    /// The width of the window, if it is that of a telephone.
    pub(crate) narrow: Option<u32>,
}

impl Default for BrowserLook {
    fn default() -> Self {
        Self { window: [1280, 900], is_dark: false, narrow: None }
    }
}

/// A browser without a window; it ends when it is dropped.
pub(crate) struct Browser {
    driver: Child,
    client: Client,
    runtime: Runtime,
    _profile: TempDir,
}

impl Browser {
    /// Starts Debian's `chromedriver`, at a free port, and with it `chromium`.
    pub(crate) fn start(look: BrowserLook) -> Self {
        let (driver, port) = (0..TRIES).find_map(|_| start_driver()).expect("chromedriver finds a port");
        let profile = TempDir::new().expect("a folder");
        let mut arguments = vec![
            "--headless=new".to_owned(),
            // Containers have no sandbox of their own to give, and the page is ours.
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--hide-scrollbars".to_owned(),
            format!("--window-size={},{}", look.window[0], look.window[1]),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        if look.is_dark {
            arguments.push("--blink-settings=preferredColorScheme=0".to_owned());
        }
        let mut options = json!({ "args": arguments });
        if let Some(width) = look.narrow {
            let metrics = json!({ "width": width, "height": 800, "pixelRatio": 1.0, "touch": false });
            options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
        }
        let mut capabilities = Map::new();
        capabilities.insert("goog:chromeOptions".to_owned(), options);
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let connecting = builder.capabilities(capabilities);
        let address = format!("http://127.0.0.1:{port}");
        let client = runtime.block_on(connecting.connect(&address)).expect("chromium starts");
        Self { driver, client, runtime, _profile: profile }
    }

    /// Opens a page.
    pub(crate) fn open(&self, address: &str) {
        self.runtime.block_on(self.client.goto(address)).expect("opened");
    }

    /// What a script in the page gives.
    pub(crate) fn ask(&self, script: &str) -> Value {
        let script = format!("return {script}");
        let asked = self.client.execute(&script, Vec::new());
        self.runtime.block_on(asked).unwrap_or_else(|error| panic!("{error}: {script}"))
    }

    /// Waits until a script gives true.
    pub(crate) fn wait_until(&self, script: &str) {
        let begun = Instant::now();
        while self.ask(script) != Value::Bool(true) {
            assert!(begun.elapsed() < PATIENCE, "this never came true: {script}");
        }
    }

    /// Presses keys one after another, wherever the page has its focus.
    pub(crate) fn press(&self, keys: &str) {
        let press = |actions: KeyActions, value| {
            actions.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        };
        let actions = keys.chars().fold(KeyActions::new("keyboard".to_owned()), press);
        self.runtime.block_on(self.client.perform_actions(actions)).expect("pressed");
    }

    /// A picture of the window, kept for people to look at.
    pub(crate) fn picture(&self, name: &str) {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        std::fs::create_dir_all(&folder).expect("made");
        let picture = self.runtime.block_on(self.client.screenshot()).expect("a picture");
        std::fs::write(folder.join(name), picture).expect("written");
    }
}

/// The driver at a free port. It takes one for IPv6 and gives up if somebody has the same one for IPv4.
fn start_driver() -> Option<(Child, String)> {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver is installed: apt-get install chromium chromium-driver");
    let out = BufReader::new(driver.stdout.take().expect("piped"));
    let started =
        out.lines().map_while(Result::ok).find(|line| line.contains("started successfully on port"));
    if let Some(line) = started {
        return Some((driver, line.chars().filter(char::is_ascii_digit).collect()));
    }
    driver.wait().expect("ended");
    None
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A driver that ends may leave its browser behind, so that is closed first.
        let _ = self.runtime.block_on(self.client.clone().close());
        let pid = self.driver.id().to_string();
        let _ = Command::new("kill").arg(pid).status();
        let _ = self.driver.wait();
    }
}
