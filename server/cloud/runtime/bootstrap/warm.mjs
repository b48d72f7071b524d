// Imported by preload.cjs: the first ES module of a process takes longer than all that follow.
export default true;
