var t={};async function e(t,e,a){let o=[...new Set([...t].map(n))].sort().slice(0,100),s=new URLSearchParams(o.map(t=>["url",t])),r=await fetch(`${e}api/v1/counts?${s}`,{credentials:"omit"}),{counts:c}=await r.json();for(let e of t){let t=c[n(e)];t>=0&&(e.textContent=a("count",{n:t}))}}function n(t){return t.href.split("#")[0]}export{e as show,t as words};
//# sourceMappingURL=counts.js.map
