use anstyle::Style;

use crate::output::{plain, styled};

/// Cells in columns as wide as their widest; the last one is never filled up.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Vec<(Style, String)>>,
}

impl Table {
    /// Adds a row; every cell is made fit for a terminal.
    pub(crate) fn row<const N: usize>(&mut self, cells: [(Style, &str); N]) {
        self.rows.push(cells.into_iter().map(|(style, text)| (style, plain(text))).collect());
    }

    /// The lines, each after `indent` spaces.
    pub(crate) fn text(&self, indent: usize) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widest = |column: usize| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.1.chars().count()).max();
        let widths: Vec<usize> = (0..columns).map(|column| widest(column).unwrap_or(0)).collect();
        let mut text = String::new();
        for row in &self.rows {
            let last = row.iter().rposition(|cell| !cell.1.is_empty()).unwrap_or(0);
            text.push_str(&" ".repeat(indent));
            for (column, (style, cell)) in row.iter().take(last + 1).enumerate() {
                text.push_str(&styled(*style, cell));
                if column < last {
                    text.push_str(&" ".repeat(widths[column] - cell.chars().count() + 2));
                }
            }
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_no_line_ends_in_spaces() {
        let plain = Style::new();
        let mut table = Table::default();
        table.row([(plain, "a"), (plain, "bb"), (plain, "")]);
        table.row([(plain, "aaa"), (plain, ""), (plain, "c")]);
        assert_eq!(table.text(1), " a    bb\n aaa      c\n");
    }
}
