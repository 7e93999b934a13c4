//! Entente: the node of one sovereign party, and the commands that drive it.

use std::process::ExitCode;

fn main() -> ExitCode {
    entente_node::command::run()
}
