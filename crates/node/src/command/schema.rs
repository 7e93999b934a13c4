//! `entente schema`: the JSON Schema of the bodies that cross, from the memorandum itself. Needs no running node.

use std::path::PathBuf;

use clap::Args;
use entente_cooperation::body::schema;

use super::{
    Caller,
    answer::{Answer, Failure},
    memorandum as agreement,
};

/// Print the JSON Schema of the bodies of acts, as the memorandum has them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  entente schema --memorandum memorandum > body.schema.json
  entente schema --dir north")]
pub struct Schema {
    /// The folder of the memorandum; without it, that of the data folder.
    #[arg(long, value_name = "MEMORANDUM")]
    memorandum: Option<PathBuf>,
}

impl Schema {
    /// Prints the schema.
    pub fn run(self, caller: &Caller) -> Result<Answer, Failure> {
        let memorandum = match &self.memorandum {
            Some(path) => agreement::read_checked(path)?,
            None => agreement::of_folder(&caller.folder())?,
        };
        let schema = schema::of(&memorandum);
        Ok(Answer::new(format!("{schema:#}"), schema))
    }
}
