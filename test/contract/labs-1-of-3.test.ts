import { contract } from './contract.ts';

contract(0, 3);
