//! The page's program.

fn main() {
    atlas_page::start();
}
