export const PAGE_TYPE = 'text/html; charset=utf-8';

interface Link {
  readonly text: string;
  readonly href: string;
}

/** Where one chooses whom to be; without script and style, so that every content security policy lets it be. */
export function devPage(links: readonly Link[], cancel: string): string {
  const items = links.map((link) => `<li>${anchor(link)}</li>`).join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Development sign-in · Corridor</title>
</head>
<body>
<main>
<h1>Development sign-in</h1>
<p><strong>Not for production:</strong> whoever can open this page can be anybody.</p>
<p id="who">Sign in as</p>
<ul aria-labelledby="who">
${items}
</ul>
<p>${anchor({ text: 'Do not sign in', href: cancel })}</p>
</main>
</body>
</html>
`;
}

function anchor({ text, href }: Link): string {
  return `<a href="${escaped(href)}">${escaped(text)}</a>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}
