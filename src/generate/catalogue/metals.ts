/** Chapters 72–83. Columns as in catalogue.ts. */
export const METALS = `
7208510009|0.4|0.78|0.10|40000|1.01|-|CN*6 IR*2@.95 KR*2@1.15|-|Hot-rolled steel plate, over 10 mm
7209169000|0.3|0.82|0.10|24000|1.01|-|CN*6 IR@.95 KR*2@1.12|-|Cold-rolled steel coils, 1–3 mm
7210490009|0.4|0.95|0.11|24000|1.01|-|CN*7 UZ@.98 KR*2@1.12|-|Galvanised steel coils, 0.5 mm
7210708009|0.5|1.10|0.11|23000|1.01|-|CN*8 KR*2@1.15 TR*2@1.12|-|Pre-painted steel coils, polymer coated, RAL colours
7213912000|0.3|0.62|0.10|24000|1.01|-|CN*3 IR*4@.93 UZ*2@.96|-|Wire rod of steel, 6.5 mm
7214200000|0.5|0.60|0.10|24000|1.01|-|CN*3 IR*4@.94 UZ*3@.97|-|Reinforcing bars A500C, 12 mm
7304240001|0.3|3.40|0.16|16000|1.03|-|CN*6 UA*2@.95 JP*2@1.45|-|Casing and tubing of stainless steel for oil wells
7304110001|0.3|1.35|0.14|22000|1.02|-|CN*6 UA*2@.95 DE@1.5|-|Line pipe of stainless steel, seamless
7304296009|0.4|1.40|0.14|23000|1.02|-|CN*7 UA*3@.93 JP@1.5|-|Oil casing pipes, seamless, 168 mm
7306301900|0.3|0.98|0.13|22000|1.02|-|CN*5 TR*3@1.08 UZ*2@.96|-|Welded precision tubes of steel
7306402008|0.2|2.90|0.14|12000|1.03|-|CN*7 TR*2@1.15 IN*2@.97|-|Welded stainless steel tubes, cold-rolled
7308909809|0.5|2.40|0.35|14000|1.03|-|CN*6@.9 TR*4@1.05 DE@2.2|-|Steel structures, hangar frame sections
7309009009|0.2|3.80|0.35|8000|1.02|-|CN*6@.9 TR*3 IT@1.8|-|Steel tanks, 25 m³
7318158100|0.4|2.40|0.35|5200|1.04|-|CN*9@.85 TR*2@1.1 DE@2.6|-|Hexagon bolts with nuts, steel
7320101100|0.3|2.10|0.16|9500|1.03|-|CN*7 TR*3@1.15 IR*2@.95|Belmag|Leaf springs for lorries, hot-worked
7321111000|0.4|5.40|0.35|5600|1.15|pcs796:38|TR*6@.95 CN*3@.8 IT*2@1.5|Hansel;Bekoral|Gas cookers with oven
7323930000|0.3|7.10|0.45|3100|1.18|-|CN*7@.8 TR*4 DE@2.4|Tefla Home;Kukmora|Stainless steel kitchenware, pots
7324210000|0.2|1.70|0.15|11000|1.05|pcs796:95|CN*7 TR*2@1.2 ES@1.8|-|Cast iron baths, enamelled
7403110000|0.1|9.10|0.05|40000|1.00|-|CL*3 CN@1.01|-|Refined copper cathodes
7604210000|0.4|4.10|0.16|9000|1.04|-|CN*7@.95 TR*3@1.1 UZ@.95|-|Hollow aluminium profiles
7606129209|0.3|3.60|0.13|12000|1.03|-|CN*6 TR*2@1.1 DE@1.5|-|Aluminium alloy plates and strip
7607111909|0.3|4.20|0.12|11000|1.05|-|CN*8 TR*2@1.12 IN@1.02|-|Aluminium foil, rolled, not backed, 0.009 mm
7610909000|0.3|6.20|0.35|4200|1.06|-|CN*5@.85 TR*5|-|Aluminium structures, facade elements
8205510090|0.4|7.80|0.55|1200|1.14|-|CN*9@.75 TR@1.3 DE@3.0|Hardax;Stanridge|Household hand tools
8207506000|0.3|21.0|0.55|420|1.12|-|CN*7@.6 DE*3@2.2|Hardax|Drills for metal, high-speed steel
8212109000|0.3|46.0|0.55|160|1.30|-|CN*4@.45 PL*3@1.3 DE*2@1.6|Barbero|Razors and sets of blades
8302415000|0.4|6.20|0.45|2900|1.10|-|CN*6@.75 TR*5 DE*2@2.4|Kale Line|Fittings for windows and doors
8311100009|0.3|1.70|0.14|16000|1.04|-|CN*7 TR*2@1.15 UA@.95|-|Coated welding electrodes
`;
