/**
 * The one script of our pages: headers of result tables become buttons that sort the rows of each block. It is text, because it runs in the reader's browser;
 * without it the table is what it was. The page's policy allows it by its hash, and nothing else.
 */
export const sortTables = `for (const table of document.querySelectorAll('table.stack')) {
  const headers = [...table.tHead.rows[0].cells];
  const valueOf = (row, name) => {
    const cell = [...row.cells].find((one) => one.dataset.label === name) ?? row.cells[0];
    const text = cell.textContent.trim();
    const number = parseFloat(text);
    if (text === '–' || text === '') return null;
    return cell.dataset.label && name !== 'Run' && Number.isFinite(number) ? number : text;
  };
  const sort = (header, name) => {
    const down = header.getAttribute('aria-sort') === 'ascending';
    for (const other of headers) other.removeAttribute('aria-sort');
    header.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    for (const body of table.tBodies) {
      const groups = [];
      for (const row of [...body.rows].slice(1))
        if (row.classList.contains('driving') && groups.length > 0) groups.at(-1).push(row);
        else groups.push([row]);
      const keyed = groups.map((rows) => ({ rows, key: valueOf(rows[0], name) }));
      keyed.sort(({ key: a }, { key: b }) => {
        if (a === null || b === null) return (a === null) - (b === null);
        return (a < b ? -1 : a > b ? 1 : 0) * (down ? -1 : 1);
      });
      body.append(...keyed.flatMap(({ rows }) => rows));
    }
  };
  for (const header of headers) {
    const name = header.dataset.sort ?? header.textContent.trim();
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener('click', () => sort(header, name));
  }
}
`;
