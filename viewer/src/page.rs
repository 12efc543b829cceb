//! One HTML page: markup, style, script, and the data, compressed.
//!
//! Nothing of the input becomes markup: the data is base64 text, and the script makes text nodes of
//! it. The page may fetch nothing and run no other script (its content security policy).

use crate::data::Data;
use crate::view::View;
use base64::{Engine, engine::general_purpose::STANDARD, write::EncoderWriter};
use flate2::{Compression, write::ZlibEncoder};
use scheduler::names::clean;
use sha2::{Digest, Sha256};
use std::io::{self, Write};

const HTML: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
/// The script, in the order in which its parts stand in the page.
const SCRIPT: [&str; 7] = [
    include_str!("page/data.js"),
    include_str!("page/dom.js"),
    include_str!("page/grid.js"),
    include_str!("page/views.js"),
    include_str!("page/free.js"),
    include_str!("page/inflate.js"),
    include_str!("page/main.js"),
];

/// Writes the page.
///
/// # Errors
/// What the writer says.
pub fn write_page(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let script = format!("\"use strict\";\n(() => {{\n{}}})();\n", SCRIPT.concat());
    let hash = format!("sha256-{}", STANDARD.encode(Sha256::digest(script.as_bytes())));
    let title = escape(&clean(view.problem.name(view.problem.meta().name)));
    for part in HTML.split_inclusive('}').flat_map(|part| part.rsplit_once('{').map_or([part, ""], |(a, b)| [a, b])) {
        match part {
            "title}" => out.write_all(title.as_bytes())?,
            "version}" => out.write_all(env!("CARGO_PKG_VERSION").as_bytes())?,
            "hash}" => out.write_all(hash.as_bytes())?,
            "style}" => out.write_all(STYLE.as_bytes())?,
            "script}" => out.write_all(script.as_bytes())?,
            "data}" => write_data(view, out)?,
            text => out.write_all(text.as_bytes())?,
        }
    }
    Ok(())
}

fn write_data(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let text = EncoderWriter::new(out, &STANDARD);
    let mut packed = ZlibEncoder::new(io::BufWriter::with_capacity(64 << 10, text), Compression::default());
    serde_json::to_writer(&mut packed, &Data::of(view))?;
    let mut text = packed.finish()?.into_inner().map_err(|why| why.into_error())?;
    text.finish()?;
    Ok(())
}

/// Text for HTML.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            c => out.push(c),
        }
    }
    out
}
