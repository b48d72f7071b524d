// Both ports answer. The server does not even start where bubblewrap does not contain functions, so that needs no question.
const { PORT = '8080', AWS_PORT = '4566' } = process.env;
const answers = await Promise.all([
  fetch(`http://127.0.0.1:${PORT}/api/v1/openapi.json`),
  fetch(`http://127.0.0.1:${AWS_PORT}/`),
]);
if (answers[0].status !== 200 || answers[1].status >= 500) {
  console.error(`pages ${answers[0].status}, AWS endpoint ${answers[1].status}`);
  process.exitCode = 1;
}
