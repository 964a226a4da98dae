import{a}from"/explorer/chunk-3GJT2GYT.js";import"/explorer/chunk-IJDH3NSP.js";import"/explorer/chunk-4353QB3Q.js";import"/explorer/chunk-DD3NYFSN.js";export{a as initialize};
