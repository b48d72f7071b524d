set -e
npm install --omit=dev
mkdir dist
cp -r index.mjs package.json node_modules dist/
