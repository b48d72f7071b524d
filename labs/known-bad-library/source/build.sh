set -e
npm ci --omit=dev --ignore-scripts
mkdir dist
cp -r index.mjs package.json node_modules dist/
