//! A program that runs beside, and the lines to and from it.

use std::collections::HashMap;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::engine::error::EngineError;
use crate::text::characters::one_line;

/// The longest line that is read, in bytes: far above the answer to any batch.
const LINE: u64 = 16 << 20;
/// Characters of what a program says of its end that are shown.
const SAID: usize = 240;
/// How long a program that says nothing more may take to end.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// What a shell gives back if there is no such program, or it may not be run.
const NO_PROGRAM: [i32; 2] = [126, 127];

/// A line that comes back.
#[derive(Debug, Deserialize)]
pub(super) struct CommandReply {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) translations: Option<Vec<String>>,
    #[serde(default)]
    pub(super) error: Option<String>,
}

type ReplyResult = Result<CommandReply, EngineError>;

/// A running program. It is ended when this is dropped.
pub(super) struct Program {
    /// Lines to be written. A task of its own does that, so that no line is left half written.
    lines: mpsc::UnboundedSender<Vec<u8>>,
    talk: Arc<Talk>,
    ending: CancellationToken,
}

/// What is known of a program.
struct Talk {
    command: String,
    state: Mutex<TalkState>,
}

#[derive(Default)]
struct TalkState {
    /// Those who wait for an answer, by its id.
    waiting: HashMap<u64, oneshot::Sender<ReplyResult>>,
    has_ended: bool,
    /// The last line on standard error.
    said: String,
}

impl Program {
    /// Starts a command as a shell would run it.
    pub(super) fn start(command: &str) -> Result<Self, EngineError> {
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).kill_on_drop(true);
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // An interrupt of the terminal is for the run, which lets what is in flight come back.
        #[cfg(unix)]
        shell.process_group(0);
        let broken = |error| EngineError::broken(format_args!("cannot run {command:?}"), error);
        let mut child = shell.spawn().map_err(broken)?;
        let (Some(stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(EngineError::Unusable(format!("cannot talk to {command:?}")));
        };
        info!(command, "started the engine's program");
        let talk = Arc::new(Talk { command: command.to_owned(), state: Mutex::default() });
        let ending = CancellationToken::new();
        let (lines, to_write) = mpsc::unbounded_channel();
        tokio::spawn(write(stdin, to_write));
        tokio::spawn(attend(
            child,
            BufReader::new(stdout),
            BufReader::new(stderr),
            Arc::clone(&talk),
            ending.clone(),
        ));
        Ok(Self { lines, talk, ending })
    }

    /// Whether it may still answer.
    pub(super) fn is_running(&self) -> bool {
        !self.talk.state.lock().has_ended
    }

    /// Kills the program. Every request still waiting fails.
    pub(super) fn end(&self) {
        self.ending.cancel();
    }

    /// Sends a line and waits for the answer with its id.
    pub(super) async fn ask(&self, id: u64, mut line: Vec<u8>) -> ReplyResult {
        let (sender, receiver) = oneshot::channel();
        {
            let mut state = self.talk.state.lock();
            if state.has_ended {
                return Err(self.talk.broken_off("it has ended", &state.said));
            }
            state.waiting.insert(id, sender);
        }
        line.push(b'\n');
        // If nobody writes any more, it has ended, and whoever attends it tells those who wait.
        let _ = self.lines.send(line);
        receiver.await.unwrap_or_else(|_| Err(self.talk.broken_off("it has ended", "")))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.ending.cancel();
    }
}

impl Talk {
    fn broken_off(&self, what: &str, said: &str) -> EngineError {
        let reason = if said.is_empty() { what.to_owned() } else { format!("{what}; it said: {said}") };
        EngineError::BrokenOff { host: self.command.clone(), reason: reason.clone(), source: reason.into() }
    }

    /// Delivers an answer to the request with its id. An answer whose request has timed out is dropped.
    fn hand_out(&self, line: &[u8]) -> Result<(), EngineError> {
        let reply: CommandReply = serde_json::from_slice(line).map_err(EngineError::unreadable)?;
        let waiting = self.state.lock().waiting.remove(&reply.id);
        if let Some(waiting) = waiting {
            let _ = waiting.send(Ok(reply));
        }
        Ok(())
    }
}

/// Writes lines until nobody sends any, or the program does not read them.
async fn write(mut stdin: ChildStdin, mut lines: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(line) = lines.recv().await {
        if stdin.write_all(&line).await.is_err() || stdin.flush().await.is_err() {
            return;
        }
    }
}

/// Reads what a program says until it ends or is ended.
async fn attend(
    mut child: Child,
    stdout: BufReader<impl AsyncRead + Unpin>,
    stderr: BufReader<impl AsyncRead + Unpin + Send + 'static>,
    talk: Arc<Talk>,
    ending: CancellationToken,
) {
    let said = tokio::spawn(listen(stderr, Arc::clone(&talk)));
    let fault = tokio::select! {
        fault = read(stdout, &talk) => fault,
        () = ending.cancelled() => None,
    };
    let is_over = fault.is_none() && !ending.is_cancelled();
    let status =
        if is_over { timeout(LAST_WORDS, child.wait()).await.ok().and_then(Result::ok) } else { None };
    end_group(&child);
    let _ = child.kill().await;
    // Something that it left running may keep its standard error open.
    let _ = timeout(LAST_WORDS, said).await;
    let mut state = talk.state.lock();
    state.has_ended = true;
    let said = std::mem::take(&mut state.said);
    let (fault, code) = (fault.map(|fault| fault.to_string()), status.and_then(|status| status.code()));
    for (_, waiting) in state.waiting.drain() {
        let error = match (&fault, code, status) {
            (Some(fault), ..) => talk.broken_off(fault, ""),
            (None, Some(code), _) if NO_PROGRAM.contains(&code) => {
                EngineError::Unusable(format!("cannot run {:?}: {said}", talk.command))
            }
            (None, _, Some(status)) => talk.broken_off(&format!("it ended ({status})"), &said),
            (None, _, None) => talk.broken_off("it was ended", &said),
        };
        let _ = waiting.send(Err(error));
    }
}

/// Ends whatever the shell has started, too.
fn end_group(child: &Child) {
    #[cfg(unix)]
    if let Some(group) =
        child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw)
    {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    #[cfg(not(unix))]
    let _ = child;
}

/// Hands out answers until there are no more; gives back what is wrong with a line that is none.
async fn read(mut stdout: BufReader<impl AsyncRead + Unpin>, talk: &Talk) -> Option<EngineError> {
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut stdout).take(LINE).read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return None,
            Ok(_) if line.trim_ascii().is_empty() => {}
            Ok(_) => {
                if let Err(fault) = talk.hand_out(&line) {
                    return Some(fault);
                }
            }
        }
    }
}

/// Logs what comes on standard error, and keeps the last line.
async fn listen(mut stderr: BufReader<impl AsyncRead + Unpin>, talk: Arc<Talk>) {
    let mut line = Vec::new();
    loop {
        line.clear();
        if !matches!((&mut stderr).take(LINE).read_until(b'\n', &mut line).await, Ok(1..)) {
            return;
        }
        let said = one_line(&String::from_utf8_lossy(&line));
        if !said.is_empty() {
            info!(command = talk.command, said, "the engine's program says");
            talk.state.lock().said = said.chars().take(SAID).collect();
        }
    }
}
