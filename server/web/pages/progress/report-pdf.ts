import { createRequire } from 'node:module';
import type PDFDocument from 'pdfkit';
import type { ReportPage } from '../../models/progress.ts';

const { resolve } = createRequire(import.meta.url);
// A font that knows Latin, Greek, Cyrillic, Arabic, Hebrew and many signs; what it does not know is a box.
const fonts = {
  regular: resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'),
  bold: resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'),
};

/** A report on paper: the same as its page. */
export async function reportPdf(report: ReportPage): Promise<Buffer> {
  // Loaded by the first report: a quarter of a second that no start need wait for.
  const { default: Document } = await import('pdfkit');
  const document = new Document({
    size: 'A4',
    margin: 48,
    bufferPages: true,
    info: { Title: `Report of ${printable(report.name)}`, CreationDate: new Date(report.at) },
  });
  const chunks: Buffer[] = [];
  const done = new Promise<Buffer>((resolved, failed) => {
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', () => resolved(Buffer.concat(chunks)));
    document.on('error', failed);
  });
  document.registerFont('regular', fonts.regular).registerFont('bold', fonts.bold);
  head(document, report);
  for (const lab of report.labs) labPart(document, lab);
  if (report.comments.length > 0) {
    text(document, 'bold', 13, 'Comments', 14);
    for (const { kind, text: said, author, at, about } of report.comments) {
      text(document, 'bold', 9, `${kind}${about ? ` · ${about}` : ''} · ${author}, ${day(at)}`, 6);
      text(document, 'regular', 9, said);
    }
  }
  const { count } = document.bufferedPageRange();
  for (let page = 0; page < count; page++) {
    document.switchToPage(page);
    // Below the margin: else pdfkit begins a page for it.
    document.page.margins.bottom = 0;
    document
      .font('regular')
      .fontSize(8)
      .fillColor('#57606c')
      .text(`Lambda Range · page ${page + 1} of ${count}`, 48, document.page.height - 32, { lineBreak: false });
  }
  document.end();
  return done;
}

type Pdf = InstanceType<typeof PDFDocument>;

function head(document: Pdf, { name, bracket, of, at, solved, labsTotal, points, time }: ReportPage): void {
  text(document, 'regular', 9, of);
  text(document, 'bold', 20, name, 2);
  text(document, 'regular', 9, `${bracket ? `${bracket} · ` : ''}as of ${minute(at)} UTC`);
  text(document, 'bold', 11, `${solved} of ${labsTotal} labs solved · ${points} points · ${time} on task`, 8);
}

function labPart(document: Pdf, lab: ReportPage['labs'][number]): void {
  // A lab's title is not left alone at the end of a page.
  if (document.y > document.page.height - 140) document.addPage();
  text(document, 'bold', 12, lab.title, 14);
  const solved = lab.solvedAt === undefined ? '' : ` · solved ${minute(lab.solvedAt)} UTC`;
  const counts =
    lab.tries > 0 || lab.hints > 0 || lab.passed
      ? ` · ${lab.tries} grades · ${lab.hints} hints · ${lab.time} on task`
      : '';
  text(
    document,
    'regular',
    9,
    `${lab.state}${lab.passed ? ` · ${lab.passed} checks pass` : ''} · ${lab.points} points${counts}${solved}`,
    2,
  );
  for (const { shape, title, word } of lab.checks) text(document, 'regular', 9, `${shape} ${title}: ${word}`, 2);
}

function text(document: Pdf, font: 'regular' | 'bold', size: number, said: string, before = 0): void {
  document.y += before;
  document
    .font(font)
    .fontSize(size)
    .fillColor('#1a1f27')
    .text(printable(said), 48, document.y, { width: document.page.width - 96 });
}

/** What a font can be asked for: no control characters, no halves of pairs, no marks that turn the direction. */
export function printable(said: string): string {
  return said
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '')
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g, '')
    .slice(0, 5000);
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
const minute = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');
